"""The table of log formats: entries by the kind of program."""
