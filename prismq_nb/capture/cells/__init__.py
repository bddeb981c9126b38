"""The supervisor of watched cells: one per kernel process, for all its runs."""
