"""Who is at risk and why, what they need, who is to be gone to."""
