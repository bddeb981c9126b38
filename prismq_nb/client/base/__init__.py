"""What the rest of the client shares. Makes no request."""
