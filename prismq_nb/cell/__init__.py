"""What runs in the process whose cells are watched: its output is turned to a run and back.

It must never harm a cell: whatever fails here, the output goes where it went before, and the cell
says why. Only light modules are imported, since the first watched cell waits for them.
"""
