"""Sweeps of every door."""
