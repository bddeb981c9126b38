"""The level of each stored line. Standard library only."""
