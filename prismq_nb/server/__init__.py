"""The Jupyter server extension: its handlers and what they send. Imported only by the server."""
