"""What journal and capture share with the rest. Standard library only."""
