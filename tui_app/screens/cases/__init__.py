"""Patients followed at home."""
