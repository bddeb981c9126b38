"""Replace secrets in output before it reaches the disk."""
