"""Files the program reads: words, samples, styles. Reached by path through `tui_app.settings.asset`."""
