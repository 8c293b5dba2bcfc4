"""Doses and coverage."""
