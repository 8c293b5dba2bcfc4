"""Outbreaks, declared until they end."""
