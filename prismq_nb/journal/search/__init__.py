"""Which lines match what a person looks for. Needs re2 for patterns."""
