"""An address on the map to bytes: layer declarations and vector tiles."""
