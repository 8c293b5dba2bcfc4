"""Households and persons: kept, found, shown, put elsewhere."""
