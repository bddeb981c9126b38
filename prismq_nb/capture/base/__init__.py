"""Parts that all of capture shares: clock, timers, terminals, the control FIFO."""
