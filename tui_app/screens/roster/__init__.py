"""What there is to do today, given out and carried over."""
