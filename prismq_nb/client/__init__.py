"""What runs in the person's own process: one interface, two ways to the engine (over HTTP, or directly on the data directory).

Knows models.py, errors.py and environment.py; nothing of server/, capture/ or journal/. The one arrow to engine/ is in local.py, and lazy.
"""
