"""How bad the epidemic is, by each document."""
