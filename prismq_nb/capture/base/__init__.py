"""Clock, timers, control FIFO and terminals of a supervisor."""
