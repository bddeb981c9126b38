"""Launch and read runs from Python: one interface, over HTTP or directly on a data directory.

Imports `common` and `errors`. Only `local.py` imports the engine, when it is first needed.
"""
