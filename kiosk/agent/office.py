"""What comes from outside: this PC's settings, and head office's releases; each by a child."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from kiosk.agent import post
from kiosk.agent.child import Child, how
from kiosk.agent.polls import Polls, urgent_s
from kiosk.agent.post import Post
from kiosk.agent.status import SyncStatus

log = logging.getLogger("kiosk.agent")

SYNC_GRACE_S: Final = 60
"""After its own deadline a poll is ended from outside."""
ANSWER_S: Final = 60
"""No answer about the settings within so long: the question is put again."""
FIRST_ASK_S: Final = 3
"""At the start the first picture has the machine to itself; the settings are asked for after it."""
SET_UP_S: Final = 10
"""While settings are missing they are looked for so often."""


@dataclass(frozen=True, slots=True)
class Errands:
    """How the children are started, given the seconds they have; None where that fails."""

    post: Callable[[float], Child | None]
    sync: Callable[[float], Child | None]


@dataclass(frozen=True, slots=True)
class News:
    """Whom to tell: of the first settings, of settings that changed, of a release that came."""

    settled: Callable[[Post], None]
    changed: Callable[[], None]
    updated: Callable[[], None]


class Office:
    """Asks for settings and for releases when it is time. Times are monotonic seconds."""

    def __init__(self, errands: Errands, news: News, now: float) -> None:
        self._errands, self._news = errands, news
        self.post: Post | None = None
        self._asking: Child | None = None
        self._asked = False
        self._answer = b""
        self._ask_at = now + FIRST_ASK_S
        self._sync: Child | None = None
        self._said = ""
        self._urgent_s: float | None = None
        self._outcome: tuple[int, str] | None = None
        self._at: datetime | None = None
        self._polls: Polls | None = None

    def facts(self) -> tuple[object, ...]:
        """What is worth telling at once when it changes."""
        return self.post, self._outcome

    def ask_first(self, now: float) -> None:
        """Ask for the first time, unless that has been done."""
        if not self._asked:
            self.ask(now)

    def ask(self, now: float) -> None:
        """Ask for the settings without waiting for their time."""
        self._ask_at = now

    def moments(self) -> list[float]:
        """When something is due, whatever is heard until then."""
        ask = self._asking.deadline if self._asking is not None else self._ask_at
        if self._sync is not None:
            return [ask, self._sync.deadline]
        return [ask, self._polls.due] if self._polls is not None else [ask]

    def due(self, now: float) -> None:
        """Do what is due by now."""
        if self._asking is not None:
            self._asking.end_at_deadline(now)
        elif now >= self._ask_at:
            self._answer = b""
            self._ask_at = now + self._ask_every()
            self._asking = self._errands.post(ANSWER_S)
            self._asked = True
        if self._sync is not None:
            if self._sync.end_at_deadline(now):
                log.error("a poll that did not end is ended")
        elif self.post is not None and self._polls is not None and now >= self._polls.due:
            self._said, self._urgent_s = "", None
            self._sync = self._errands.sync(self.post.deadline_s + SYNC_GRACE_S)
            if self._sync is None:
                self._polls = self._polls.unanswered(now, random.random())

    def heard(self, child: Child, text: bytes, *, error: bool) -> None:
        """Take in what a child said: an answer is its last line, a refusal comes as an error.

        What a poll deleted is written down at once, whatever becomes of the poll.
        """
        if child is self._asking and not error:
            self._answer = text
        elif child is self._sync and text:
            self._said = text.decode("utf-8", "replace")[:500]
            self._urgent_s = urgent_s(self._said) or self._urgent_s
            if self._said.startswith("deleted: "):
                log.info("sync: %s", self._said)

    def ended(self, child: Child, code: int, now: float) -> None:
        """A child has ended."""
        if child is self._asking:
            self._asking = None
            self._posted(post.read(self._answer), now)
        elif child is self._sync:
            self._sync = None
            self._polled(code, self._said or how(code), now)

    def close(self) -> None:
        """End what is under way."""
        for child in (self._asking, self._sync):
            if child is not None:
                child.kill()

    def sync_status(self, now: float) -> SyncStatus:
        """The last poll, and the next."""
        wait = timedelta(seconds=max(self._polls.due - now, 0)) if self._polls else None
        return SyncStatus(
            outcome=self._outcome[1] if self._outcome else None,
            code=self._outcome[0] if self._outcome else None,
            at=self._at,
            next=datetime.now(UTC) + wait if wait is not None else None,
        )

    def _ask_every(self) -> float:
        known = self.post is not None and not self.post.missing
        return self.post.poll_s if known and self.post is not None else SET_UP_S

    def _posted(self, told: Post | None, now: float) -> None:
        """The settings have been told."""
        before = self.post
        if told is None:
            log.error("the settings could not be asked for; kiosk config says why")
            return
        if told.problem and before is not None and not before.problem:
            log.error("the settings in force stay: %s", told.problem)
            return
        self.post = told
        self._ask_at = now + self._ask_every()
        if before is None:
            self._news.settled(told)
        elif (told.mark, told.note) != (before.mark, before.note):
            log.info("the settings have changed")
            self._polls = None
            self._news.changed()
        if told.missing or told.problem:
            self._polls = None
        elif self._polls is None:
            self._polls = Polls.start(told.poll_s, now)

    def _polled(self, code: int, said: str, now: float) -> None:
        """A poll has ended."""
        updated = code == 0 and said.startswith("updated")
        if self._polls is not None and self.post is not None:
            chance, polls = random.random(), self._polls
            heard = polls.answered(self.post.seat, now, chance, self._urgent_s)
            self._polls = heard if code == 0 else polls.unanswered(now, chance)
        if updated or self._outcome is None or self._outcome[0] != code:
            log.info("sync: %s", said)
        self._outcome, self._at = (code, said), datetime.now(UTC)
        if updated:
            self._news.updated()
