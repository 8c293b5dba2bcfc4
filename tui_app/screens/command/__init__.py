"""The day in numbers, and what was done approved or returned."""
