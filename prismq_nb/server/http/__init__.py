"""What handlers share: parameters, server-sent events, long answers."""
