"""Notices of the ends of runs: what they say, when they are sent, and the process that sends."""
