"""The meeting point: takes ops, merges them, hands out rows. One program for a station's SQLite and a larger
database."""
