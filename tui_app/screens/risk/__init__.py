"""Who is at risk and what they need."""
