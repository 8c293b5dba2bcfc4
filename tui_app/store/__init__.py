"""Where records are kept: one encrypted SQLite file, opened with a key from the vault."""
