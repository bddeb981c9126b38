"""Compile what a person searches for; find it in many lines at once."""
