"""The bridge."""
