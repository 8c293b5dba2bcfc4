"""What cases, readings, alerts and the board share."""
