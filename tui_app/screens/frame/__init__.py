"""What screens share, and the way into the program."""
