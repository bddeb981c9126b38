"""The on-disk form of a run directory. Standard library only."""
