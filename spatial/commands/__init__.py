"""Commands of the spatial database, one file for each group; found by entry point."""
