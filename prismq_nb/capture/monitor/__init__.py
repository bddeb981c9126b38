"""Derive levels, progress and resource use from a run. Knows no pipes."""
