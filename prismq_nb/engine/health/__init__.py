"""Whether a run is alive, and repair of what died."""
