"""Which scene comes next, so that each audience gets its share.

Three fair draws, one inside the other: an audience, then figures or scenes, then one of them.

The first two are between two sides, and exact. One side's claim is counted in plays and kept in
]-1/2, 1/2]: every play adds its share and takes away 1 if that side played, and it is its turn
when its claim is above 1/2 - share. That is the rotation of a circle by `share`, so the turns make
a balanced word: over any window of N plays, from any starting claim, a side has N x share turns
rounded down or up. (It is the smooth weighted round-robin of two weights, one credit for both.)

The third is the smooth weighted round-robin of any number of scenes, by their weights.

Notices are outside all this: they take turns of their own, by `kiosk.campaign.notices`' priority,
and the draws go on after each as if it had not been. An urgent one comes first and then in every
third play; of the other plays every sixth is a normal one.

Where rules collide, the first of these wins: an audience with share 0 waits for all the others;
figures are at most 1 play in 10; no scene twice in a row; shares; weights. A claim or a credit
held back by a stronger rule stops growing, so that nothing is owed for ever and nobody bursts in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from hashlib import sha256
from math import ceil
from statistics import median_low
from typing import Final, NamedTuple

from kiosk.campaign.model import AUDIENCES, Mix, NoticeScene, Scene
from kiosk.campaign.notices import PREFIX

PLAYS_PER_FIGURE: Final = 10
PLAYS_PER_URGENT: Final = 3
PLAYS_PER_NOTICE: Final = 6
"""Of the plays that are no urgent notice."""

_MOST: Final = Fraction(1, 2)
_GRID: Final = 1000
_LEAST: Final = Fraction(1, _GRID) - _MOST


@dataclass(frozen=True, slots=True)
class MixState:
    """Where the round stands. A value: keep the one from before to take a choice back.

    `quiet` counts the plays since the last figure. `families` is that audience's claim (the
    candidates' is its opposite), `figures` the claims of each audience's figures on its plays,
    `credit` what each scene is owed, in parts of weight. `since_urgent` and `since_notice` count
    the plays since the last notice of that priority.
    """

    seed: str
    last: str | None
    quiet: int
    families: Fraction
    figures: tuple[Fraction, ...]
    credit: tuple[tuple[str, int], ...] = ()
    since_urgent: int = PLAYS_PER_URGENT - 1
    since_notice: int = 0


def start(release: str, agency: str, day: date, last: str | None = None) -> MixState:
    """The state of a day's first play; equal arguments always start the same round.

    `last` is the scene now on the glass. A figure may have just been there too, so the first nine
    plays have none.
    """
    seed = sha256(f"{release}\n{agency}\n{day.isoformat()}".encode()).hexdigest()
    families, *figures = (_LEAST + Fraction(_draw(seed, name) % _GRID, _GRID) for name in "fab")
    state = MixState(seed, last, 0, families, tuple(figures))
    noticed = last is not None and last.startswith(PREFIX)
    return replace(state, since_urgent=0) if noticed else state


def choose(state: MixState, allowed: Sequence[Scene], mix: Mix) -> tuple[Scene, MixState]:
    """The next scene among `allowed`, and the state after it. ValueError when none is allowed."""
    if not allowed:
        raise ValueError("no scene is allowed; show the standby scene instead")
    notices = _notices(state, allowed)
    if notices:
        return _give_notice(state, notices, allowed)
    scenes = [scene for scene in allowed if not isinstance(scene, NoticeScene)]
    chosen, after = _choose(state, scenes, mix, allowed)
    since_urgent = min(state.since_urgent + 1, PLAYS_PER_URGENT)
    since_notice = min(state.since_notice + 1, PLAYS_PER_NOTICE)
    return chosen, replace(after, since_urgent=since_urgent, since_notice=since_notice)


def _notices(state: MixState, allowed: Sequence[Scene]) -> list[NoticeScene]:
    """The notices of which one is to be shown now; none while it is the scenes' turn."""
    notices = [scene for scene in allowed if isinstance(scene, NoticeScene)]
    urgent = [notice for notice in notices if notice.urgent]
    normal = [notice for notice in notices if not notice.urgent]
    if urgent and state.since_urgent >= PLAYS_PER_URGENT - 1:
        return urgent
    if normal and state.since_notice >= PLAYS_PER_NOTICE - 1:
        return normal
    return notices if len(notices) == len(allowed) else []


def _give_notice(
    state: MixState, notices: Sequence[NoticeScene], allowed: Sequence[Scene]
) -> tuple[Scene, MixState]:
    """One of these in its turn. Of the scenes' round only their credit is kept up."""
    credit = _kept(state, allowed)
    chosen, paid = _round_robin(notices, {notice.id for notice in notices}, credit, state.seed)
    urgent = next(notice.urgent for notice in notices if notice.id == chosen.id)
    return chosen, replace(
        state,
        credit=tuple(sorted((credit | paid).items())),
        since_urgent=0 if urgent else min(state.since_urgent + 1, PLAYS_PER_URGENT),
        since_notice=state.since_notice if urgent else 0,
    )


def _choose(
    state: MixState, scenes: Sequence[Scene], mix: Mix, allowed: Sequence[Scene]
) -> tuple[Scene, MixState]:
    field = [scene for scene in scenes if mix.share(scene.audience)] or scenes
    shares = _shares(field, mix)
    able = _able(field, state)
    families = _turn(state.families, shares.families, [s.audience == AUDIENCES[0] for s in able])
    side = 0 if families.taken else 1
    able = [scene for scene in able if scene.audience == AUDIENCES[side]]
    figures = _turn(state.figures[side], shares.figures[side], [_is_figure(s) for s in able])
    group = [s for s in field if (s.audience, _is_figure(s)) == (AUDIENCES[side], figures.taken)]
    credit = _kept(state, allowed)
    chosen, paid = _round_robin(group, {scene.id for scene in able}, credit, state.seed)
    return chosen, replace(
        state,
        last=chosen.id,
        quiet=0 if figures.taken else min(state.quiet + 1, PLAYS_PER_FIGURE),
        families=families.claim,
        figures=tuple(figures.claim if n == side else c for n, c in enumerate(state.figures)),
        credit=tuple(sorted((credit | paid).items())),
    )


def _kept(state: MixState, allowed: Sequence[Scene]) -> dict[str, int]:
    """What those still allowed are owed."""
    staying = {scene.id for scene in allowed}
    return {name: parts for name, parts in state.credit if name in staying}


def _is_figure(scene: Scene) -> bool:
    return scene.kind == "figure"


def _able(field: Sequence[Scene], state: MixState) -> Sequence[Scene]:
    """The scenes that no rule keeps from this play; never empty."""
    if state.quiet < PLAYS_PER_FIGURE - 1:
        field = [scene for scene in field if not _is_figure(scene)] or field
    return [scene for scene in field if scene.id != state.last] or field


class _Shares(NamedTuple):
    families: Fraction
    figures: tuple[Fraction, Fraction]


def _shares(field: Sequence[Scene], mix: Mix) -> _Shares:
    """The families' share of the plays, and the figures' share of each audience's plays.

    Where figures would have more than 1 play in 10, those of both audiences are cut alike; an
    audience that has nothing but figures leaves what it loses to the other.
    """
    families = _families_share(field, mix)
    parts = [_figures_part([s for s in field if s.audience == audience]) for audience in AUDIENCES]
    wanted = families * parts[0] + (1 - families) * parts[1]
    too_many = Fraction(1, PLAYS_PER_FIGURE) < wanted < 1
    cut = 1 / (PLAYS_PER_FIGURE * wanted) if too_many else Fraction(1)
    left = families
    if parts[0] == 1:
        left = families * cut
    elif parts[1] == 1:
        left = 1 - (1 - families) * cut
    figures = (
        families * parts[0] * cut / (left or 1),
        (1 - families) * parts[1] * cut / (1 - left or 1),
    )
    return _Shares(left, figures)


def _families_share(field: Sequence[Scene], mix: Mix) -> Fraction:
    present = {scene.audience for scene in field}
    if len(present) == 1:
        return Fraction(AUDIENCES[0] in present)
    return Fraction(mix.families, mix.families + mix.candidates)


def _figures_part(scenes: Sequence[Scene]) -> Fraction:
    figures = sum(scene.weight for scene in scenes if _is_figure(scene))
    return Fraction(figures, sum(scene.weight for scene in scenes) or 1)


class _Turn(NamedTuple):
    taken: bool
    claim: Fraction


def _turn(claim: Fraction, share: Fraction, able: Collection[bool]) -> _Turn:
    """Whether a side plays now; `able` tells for each scene that could if it is of that side."""
    grid = _GRID * share.denominator
    claim = Fraction(ceil(claim * grid), grid)  # nothing moves while the share stays the same
    taken = claim > _MOST - share if len(set(able)) == 2 else all(able)
    return _Turn(taken, max(_LEAST, min(claim + share - taken, _MOST)))


def _round_robin(
    group: Sequence[Scene], able: Collection[str], credit: Mapping[str, int], seed: str
) -> tuple[Scene, dict[str, int]]:
    """The scene with the most credit, and the credits after it has paid what all have earned."""
    most = 2 * sum(scene.weight for scene in group)
    before = _settled([scene.id for scene in group], credit, most)
    after = {scene.id: min(before[scene.id] + scene.weight, most) for scene in group}
    chosen = max(
        (scene for scene in group if scene.id in able),
        key=lambda scene: (after[scene.id], _draw(seed, scene.id)),
    )
    after[chosen.id] -= sum(after.values()) - sum(before.values())
    return chosen, after


def _settled(names: Sequence[str], credit: Mapping[str, int], most: int) -> dict[str, int]:
    """The credits around 0: a newcomer starts from the middle of the others."""
    neutral = median_low([credit[name] for name in names if name in credit] or [0])
    full = {name: credit.get(name, neutral) for name in names}
    mean = sum(full.values()) // len(full)  # 0 until scenes come or go
    return {name: max(-most, min(parts - mean, most)) for name, parts in full.items()}


def _draw(seed: str, name: str) -> int:
    return int.from_bytes(sha256(f"{seed}\n{name}".encode()).digest()[:8])
