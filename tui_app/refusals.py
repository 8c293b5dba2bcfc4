"""Why the system did not read or write a file, in the user's words."""

from __future__ import annotations

import errno

from tui_app.i18n import catalogue, language


def why(error: OSError) -> str:
    """The reason in the language in use; the system's own words for the rare ones, which are English mostly."""
    known = catalogue(language(), "refusals").get(errno.errorcode.get(error.errno or 0, ""))
    return known or error.strerror or type(error).__name__
