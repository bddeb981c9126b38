"""The form of a run directory on disk. Standard library only."""
