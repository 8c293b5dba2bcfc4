"""Reports: due, looked at, filed."""
