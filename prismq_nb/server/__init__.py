"""The HTTP floor: Jupyter server extension, its handlers, and the wire. Imported only by the server."""
