"""Meeting the server, and what needs a person."""
