"""Capture: one run, in a process of its own. Knows only journal/."""
