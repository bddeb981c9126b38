"""Display runs in notebooks: live outputs, saved text and `LogViewer`."""
