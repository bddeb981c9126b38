"""Shared by all layers: wire forms, run states, terminal text. Imports no other layer."""
