"""What a line shows, as a terminal draws it. Standard library only."""
