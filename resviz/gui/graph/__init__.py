"""The picture of a net, as figure 3: BUILD draws it, TRAIN colours it by what was measured."""
