"""What a line shows when a terminal draws it. Standard library only."""
