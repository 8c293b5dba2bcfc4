"""Who may see what, and that it was seen."""
