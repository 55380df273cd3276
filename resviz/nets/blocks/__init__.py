"""Building blocks: functions that add the layers of one block to a GraphBuilder. One file a kind of block."""
