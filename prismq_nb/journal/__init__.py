"""The journal: a run's output on disk. Standard library only, except RE2 in `search`."""
