"""What every layer shares: wire forms, errors, words. Imports nothing above it."""
