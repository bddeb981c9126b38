"""All runs of a data directory: find, list, keep and remove them."""
