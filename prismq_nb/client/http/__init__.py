"""`HttpClient`: the engine over HTTP."""
