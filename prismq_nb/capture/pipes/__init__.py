"""From the program's output to the journal; its stdin. Standard library only."""
