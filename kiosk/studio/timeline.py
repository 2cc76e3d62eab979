"""`kiosk rehearse`: what a screen will do, as JSON and as lines to read at a prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from kiosk.campaign.model import AUDIENCES, Audience, NoticeScene, Scene
from kiosk.campaign.rehearsal import Absence, Rehearsal, Stretch, Turn
from kiosk.campaign.selection import scenes_of
from kiosk.player.content import Content

Facts = dict[str, Any]
MOST_IN_ORDER: Final = 24
"""Plays named one by one at the head of a stretch; JSON has them all."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one scene or audience has of some time: plays, and seconds on the glass."""

    plays: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """A rehearsal of one screen, and the words and scenes it is about."""

    content: Content
    told: Rehearsal

    @property
    def zone(self) -> ZoneInfo:
        """The agency's."""
        return ZoneInfo(self.content.agency.timezone)

    @property
    def scenes(self) -> dict[str, Scene]:
        """By their ids, in written order; then the agency's notices."""
        every = scenes_of(self.content.campaign, self.content.agency)
        return {scene.id: scene for scene in every}

    def local(self, at: datetime) -> datetime:
        """A moment as the clock on the agency's wall shows it."""
        return at.astimezone(self.zone)

    def turns_of(self, stretch: Stretch) -> tuple[Turn, ...]:
        """The plays that begin in a stretch; the one that stands first is of the first."""
        return tuple(
            turn
            for turn in self.told.turns
            if stretch.begins <= max(turn.began, self.told.begins) < stretch.ends
        )

    def by_scene(self, turns: Sequence[Turn]) -> dict[str, Tally]:
        """Each scene that is played, in the order in which they come."""
        names = dict.fromkeys(turn.scene for turn in turns)
        return {name: self._tally([turn for turn in turns if turn.scene == name]) for name in names}

    def by_audience(self, turns: Sequence[Turn]) -> dict[Audience, Tally]:
        """Each audience, played or not; notices are for everybody, and of neither."""
        audience = {scene.id: scene.audience for scene in self.content.campaign.scenes}
        return {
            name: self._tally([turn for turn in turns if audience.get(turn.scene) == name])
            for name in AUDIENCES
        }

    def notices(self, turns: Sequence[Turn]) -> Tally:
        """The plays of notices, which come on top of the audiences' shares."""
        written = {scene.id for scene in self.content.campaign.scenes}
        return self._tally([turn for turn in turns if turn.scene not in written])

    def asked(self, audience: Audience) -> float:
        """The share of the plays that the campaign asks for an audience, from 0 to 1."""
        mix = self.content.campaign.mix
        return mix.share(audience) / (mix.families + mix.candidates)

    def _tally(self, turns: Sequence[Turn]) -> Tally:
        begins, ends = self.told.begins, self.told.ends
        times = (min(turn.ended, ends) - max(turn.began, begins) for turn in turns)
        return Tally(len(turns), sum(time.total_seconds() for time in times))


def audience_of(scene: Scene) -> str:
    """Whom a scene is for: an audience, or everybody."""
    return "everybody" if isinstance(scene, NoticeScene) else scene.audience


def as_json(line: Timeline) -> Facts:
    """Everything, for a program; times are the agency's, with their offset."""
    told, content = line.told, line.content

    def when(at: datetime) -> str:
        return line.local(at).isoformat(timespec="milliseconds")

    def times(one: Stretch | Absence) -> Facts:
        return {"from": when(one.begins), "until": when(one.ends)}

    def play(turn: Turn | None) -> Facts | None:
        if turn is None:
            return None
        return {"scene": turn.scene, "began": when(turn.began), "seconds": round(turn.seconds, 3)}

    first = told.at(told.begins)
    audiences = line.by_audience(told.turns)
    notices = line.notices(told.turns)
    plays = (len(told.turns) - notices.plays) or 1
    return {
        "agency": content.agency.agency,
        "screen": content.screen_name,
        "release": content.release,
        "timezone": content.agency.timezone,
        "from": when(told.begins),
        "until": when(told.ends),
        "on_glass": {"what": standing(line), "play": play(first.turn), "next": play(first.follows)},
        "spans": [
            times(span) | {"lit": span.lit, "why": str(span.why), "detail": span.detail}
            for span in told.spans()
        ],
        "plays": [play(turn) for turn in told.turns],
        "left_out": [
            {"scene": one.scene, "reason": str(one.reason), "detail": one.detail} | times(one)
            for one in told.absences()
        ],
        "nothing_to_show": [times(stretch) for stretch in told.empty()],
        "shares": {
            name: {
                "plays": tally.plays,
                "seconds": round(tally.seconds, 3),
                "share": round(tally.plays / plays, 4),
                "asked": round(line.asked(name), 4),
            }
            for name, tally in audiences.items()
        },
        "notices": {"plays": notices.plays, "seconds": round(notices.seconds, 3)},
    }


def standing(line: Timeline) -> str:
    """What is on the glass at the first moment: a scene's id, `standby` or `dark`."""
    first = line.told.at(line.told.begins)
    if first.turn is not None:
        return first.turn.scene
    return "standby" if first.stretch.lit else "dark"


def as_text(line: Timeline) -> str:
    """The same to read: the moment, lit and dark, what plays when, and what does not and why."""
    return "\n".join((*_head(line), *_lights(line), *_loops(line), *_left_out(line)))


def _head(line: Timeline) -> Iterator[str]:
    agency, told = line.content.agency, line.told
    yield (
        f"{agency.name} ({agency.agency}), screen {line.content.screen_name}, "
        f"release {line.content.release}"
    )
    begins, ends = line.local(told.begins), line.local(told.ends)
    yield f"from {begins:%a %Y-%m-%d %H:%M %z} to {ends:%a %Y-%m-%d %H:%M %z} ({agency.timezone})"
    yield ""
    first, words = told.at(told.begins), standing(line)
    if first.turn is not None:
        words += f", since {_clock(line, first.turn.began)}, {first.turn.seconds:g} s"
    elif first.stretch.lit:
        words += ", the brand's own scene: no scene may be shown"
    else:
        words += f", {first.stretch.why} ({first.stretch.detail})"
    yield f"On the glass at {begins:%H:%M:%S}: {words}"
    follows = first.follows
    if follows is None:
        yield "Next: no scene in this time"
        return
    at = line.local(follows.began)
    day = "" if at.date() == begins.date() else f"{at:%a %m-%d} "
    yield f"Next: {follows.scene}, {day}at {at:%H:%M:%S}, {follows.seconds:g} s"


def _lights(line: Timeline) -> Iterator[str]:
    yield from ("", "LIT AND DARK")
    for span in line.told.spans():
        what = "lit " if span.lit else "dark"
        yield f"  {_from_to(line, span)}  {what}  {span.why} ({span.detail})"


def _loops(line: Timeline) -> Iterator[str]:
    yield from ("", "SCENES")
    lit = [stretch for stretch in line.told.stretches if stretch.lit]
    if not lit:
        yield "  none: the screen is dark all the time"
    for stretch in lit:
        yield from _loop(line, stretch)


def _loop(line: Timeline, stretch: Stretch) -> Iterator[str]:
    turns = line.turns_of(stretch)
    if not stretch.allowed:
        yield f"  {_from_to(line, stretch)}  NOTHING MAY BE SHOWN: the brand's own scene stands"
        return
    count = len(stretch.allowed)
    scenes = f"{count} scene{'s'[: count != 1]}"
    yield f"  {_from_to(line, stretch)}  {len(turns)} plays of {scenes}"
    notices = line.notices(turns).plays
    plays = (len(turns) - notices) or 1
    shares = [
        f"{name} {tally.plays / plays:.1%} of the plays ({line.asked(name):.0%} asked)"
        for name, tally in line.by_audience(turns).items()
    ]
    shares += [f"and {notices} plays of notices"] if notices else []
    yield f"    {', '.join(shares)}"
    tallies = line.by_scene(turns)
    whole = sum(tally.seconds for tally in tallies.values()) or 1.0
    width = max((len(name) for name in stretch.allowed), default=0)
    for name, tally in tallies.items():
        scene = line.scenes[name]
        first = next(turn for turn in turns if turn.scene == name)
        yield (
            f"    {name:<{width}}  {scene.kind:<9}  {audience_of(scene):<10}  "
            f"first {_clock(line, first.began)}  {tally.plays:>5} x {first.seconds:g} s  "
            f"{tally.seconds / whole:>6.1%}"
        )
    for name in stretch.allowed:
        if name not in tallies:
            yield f"    {name:<{width}}  has no turn in this time"
    more = len(turns) - MOST_IN_ORDER
    begin = " ".join(turn.scene for turn in turns[:MOST_IN_ORDER])
    yield f"    in order: {begin}{f' ... {more} more' if more > 0 else ''}"


def _left_out(line: Timeline) -> Iterator[str]:
    yield from ("", "LEFT OUT WHILE OTHERS MAY PLAY")
    absences = line.told.absences()
    if not absences:
        yield "  none"
    for one in absences:
        yield f"  {one.scene}  {_from_to(line, one)}  {one.reason}: {one.detail}"


def _clock(line: Timeline, at: datetime) -> str:
    return f"{line.local(at):%H:%M:%S}"


def _from_to(line: Timeline, one: Stretch | Absence) -> str:
    begins, ends = line.local(one.begins), line.local(one.ends)
    same = begins.date() == ends.date()
    last = f"{ends:%H:%M}" if same else f"{ends:%a %m-%d %H:%M}"
    return f"{begins:%a %m-%d %H:%M} - {last}"
