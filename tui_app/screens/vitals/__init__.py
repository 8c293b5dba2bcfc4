"""Taking readings."""
