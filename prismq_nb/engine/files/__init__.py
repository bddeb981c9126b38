"""The files of a data directory and of each run in it."""
