"""What the entries of the table of formats are made of."""
