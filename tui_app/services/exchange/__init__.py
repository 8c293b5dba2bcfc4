"""Meeting the server, by network or by file, and what comes of it."""
