"""The workspace and the station it belongs to."""
