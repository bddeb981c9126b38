"""The journal: a run's output on disk. Standard library only (re2 in search)."""
