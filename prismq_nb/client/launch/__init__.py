"""Start a run from Python."""
