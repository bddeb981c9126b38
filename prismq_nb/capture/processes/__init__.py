"""Identify, measure and stop the processes of a run."""
