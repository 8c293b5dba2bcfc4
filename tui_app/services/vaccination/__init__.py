"""Doses, who is due, and how far the plans are."""
