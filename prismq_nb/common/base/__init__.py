"""What every layer shares, the supervisor included. Standard library only."""
