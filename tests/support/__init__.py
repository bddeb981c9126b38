"""Helpers of the tests: things that a test uses, not tests."""
