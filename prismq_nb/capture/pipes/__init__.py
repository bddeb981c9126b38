"""From the program's output to the journal. Standard library only."""
