"""What is asked and found at the door."""
