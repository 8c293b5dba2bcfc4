"""What persons ask about the data kept of them, what must be kept all the same, and what is removed for good."""
