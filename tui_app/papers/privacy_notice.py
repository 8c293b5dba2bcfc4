"""What the station tells people of the data it keeps about them (Luật 91/2025, Đ9; rules §4, duty 4), on one page.

How long records are kept and by when a request is answered comes from the rule sets in force; who is in charge is left
to be written by hand. It names nobody.
"""

from __future__ import annotations

from tui_app.bootstrap import Workspace
from tui_app.clock import today
from tui_app.i18n import t
from tui_app.papers.letterhead import station_head
from tui_app.papers.privacy_rules import Sections, begun, deadline_lines, keeping_lines, unverified_line
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets

_SIZE = 10.5  # points
_BLANK = "…" * 14
"""What somebody writes on the paper."""
_SAID = ("purposes", "ground", "kinds", "sensitive", "seen_by")


def write_notice(workspace: Workspace) -> bytes:
    """The notice as PDF. Raises NotOpened for a viewer."""
    day = today(workspace.clock)
    with workspace.store.read() as c:
        gate.check_role(c)
        sets, head = rule_sets(c), station_head(c, day)
    paper = begun(workspace, t("privacy_papers.notice"), t("privacy_papers.notice_under"), head)
    parts = Sections(paper, _SIZE)
    who = t("privacy_papers.controller", office=head.office, commune=head.above, by=_BLANK)
    parts.write("who", [who])
    for name in _SAID:
        parts.write(name, [t(f"privacy_papers.say_{name}")])
    parts.write("kept", [f"• {line}" for line in keeping_lines(sets, day)])
    parts.write("rights", [t("privacy_papers.say_rights"), "; ".join(deadline_lines(sets, day))])
    parts.write("children", [t("privacy_papers.say_children")])
    parts.write("how", [t("privacy_papers.say_how")])
    if said := unverified_line(sets, day):
        paper.note(said, paper.width, size=8.5)
    paper.signatures((t("privacy_papers.read_by"), t("reports.sign_chief")))
    return paper.write()
