"""The district's pages: read-only HTML and CSV of the reports that communes filed, in counts, never with a name."""
