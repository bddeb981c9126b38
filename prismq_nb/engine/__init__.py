"""The engine: all the runs of one data directory. Knows no HTTP."""
