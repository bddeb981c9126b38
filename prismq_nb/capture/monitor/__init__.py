"""Derive levels, progress, CPU and memory from a run."""
