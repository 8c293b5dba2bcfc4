"""Patients followed at home, and whom they met."""
