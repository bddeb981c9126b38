"""What a notebook shows: widgets. Knows only client/ (and the ground floor)."""
