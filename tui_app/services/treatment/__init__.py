"""What patients are given, and where they are sent."""
