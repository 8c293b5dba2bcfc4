"""What papers about personal data share: numbered sections, and what the rule sets in force say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from tui_app.bootstrap import Workspace
from tui_app.i18n import language, t
from tui_app.papers.letterhead import Letterhead
from tui_app.papers.pdf import Paper
from tui_app.papers.words import moment_words
from tui_app.rules.rule_set import RuleSet, RuleSets

_SUBJECTS = ("retention", "request_due")


def begun(workspace: Workspace, title: str, under: str, head: Letterhead, *, remark: str = "") -> Paper:
    """A paper of today with its heading and title. ``remark``: at the foot, where it is not that it names nobody."""
    now = workspace.clock()
    paper = Paper(title, now, remark=remark or t("privacy_papers.foot", at=moment_words(now)))
    paper.heading(head)
    paper.title(title, under)
    return paper


class Sections:
    """The sections of a paper, numbered as they come. ``size``: of their words, in points."""

    def __init__(self, paper: Paper, size: float) -> None:
        self._paper = paper
        self._size = size
        self._count = 0

    def heading(self, name: str) -> str:
        """The next number and the words of a section."""
        self._count += 1
        return f"{self._count}. {t(f'privacy_papers.part_{name}')}"

    def write(self, name: str, lines: Sequence[str]) -> None:
        """The next section, a paragraph a line."""
        self._paper.section(self.heading(name), below=10)
        for line in lines:
            self._paper.line(line, size=self._size, after=0.4)


def keeping_lines(sets: RuleSets, day: date) -> list[str]:
    """How long records are kept, a line a rule, with its document."""
    return [
        t("privacy.rule_short", rule=getattr(rule, language()), document=rule.document or one.document)
        for one in sets.in_force("retention", day)
        for rule in one.retention
    ]


def deadline_lines(sets: RuleSets, day: date) -> list[str]:
    """By when a request is answered and ended, a line a rule."""
    return [
        getattr(rule, language()) for one in sets.in_force("request_due", day) for rule in one.request_due
    ]


def unverified_line(sets: RuleSets, day: date) -> str:
    """The documents behind both that nobody read in their signed text; empty when there is none."""
    named = "; ".join(dict.fromkeys(one.document for one in _behind(sets, day) if not one.verified))
    return t("privacy_papers.unverified", documents=named) if named else ""


def _behind(sets: RuleSets, day: date) -> Iterator[RuleSet]:
    for subject in _SUBJECTS:
        yield from sets.in_force(subject, day)
