"""From a launch as asked for to a running supervisor."""
