"""What papers and lectures print against what is computed: a window of its own."""
