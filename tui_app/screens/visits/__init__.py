"""Today's doors and what is asked there."""
