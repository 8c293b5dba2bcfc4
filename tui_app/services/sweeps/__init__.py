"""Sweeps of every door: how far they are, whom they find, what is reported."""
