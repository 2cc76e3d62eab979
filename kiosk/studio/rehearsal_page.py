"""`kiosk rehearse --html`: the day of one screen as one page, for the people who wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from kiosk.campaign.rehearsal import Turn
from kiosk.studio import rehearsal_words as fr
from kiosk.studio.rehearsal_pictures import Pictures, Row, band, colours, css, marks, rows
from kiosk.studio.rehearsal_style import STYLE
from kiosk.studio.timeline import Tally, Timeline, audience_of

STRIP: Final = 12
"""Plays shown one by one, as pictures."""
AUDIENCE_COLOURS: Final = {"families": "hsl(215 48% 45%)", "candidates": "hsl(32 58% 50%)"}


def page(line: Timeline, pictures: Pictures) -> str:
    """The whole page; `pictures` are data URIs by scene."""
    agency = line.content.agency
    named = colours(list(line.scenes.values()))
    style = STYLE + "".join(
        f".s-{css(name)} {{ fill: {tint}; }} .c-{css(name)} {{ --c: {tint}; }}\n"
        for name, tint in named.items()
    )
    style += "".join(
        f'.p-{css(name)} {{ background-image: url("{uri}"); }}\n' for name, uri in pictures.items()
    )
    width, height = line.content.screen.seen_size()
    shape = f"--shape: {width / height:.4f};"
    accent = f":root {{ --accent: {line.content.campaign.brand.accent}; {shape} }}\n"
    body = "\n".join(
        part
        for section in (_head, _now, _lights, _hours, _strip, _shares, _scenes, _left_out, _foot)
        for part in section(line, pictures)
    )
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Répétition – {escape(agency.name)}</title>\n"
        f"<style>\n{accent}{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(line: Timeline, _: Pictures) -> Iterator[str]:
    content, told = line.content, line.told
    begins, ends = line.local(told.begins), line.local(told.ends)
    yield f'<p class="kicker">Répétition{fr.NBSP}: ce que l’écran va montrer</p>'
    yield f"<h1>{escape(content.agency.name)}</h1>"
    yield f"<p>Du {fr.moment(begins)} au {fr.moment(ends)}</p>"
    yield (
        f'<p class="soft">{escape(content.campaign.title)} · écran «{fr.NBSP}'
        f"{escape(content.screen_name)}{fr.NBSP}» · fuseau {escape(content.agency.timezone)}</p>"
    )
    empty = told.empty()
    if empty:
        when = ", ".join(fr.period(line, one) for one in empty)
        yield (
            '<p class="warn"><b>Rien à montrer</b> alors que l’écran est allumé'
            f"{fr.NBSP}: {when}. L’écran de la marque reste affiché.</p>"
        )


def _now(line: Timeline, pictures: Pictures) -> Iterator[str]:
    first = line.told.at(line.told.begins)
    begins = line.local(line.told.begins)
    yield '<div class="now">'
    if first.turn is not None:
        since = fr.exact(line.local(first.turn.began))
        words = f"<b>{_name(line, first.turn.scene)}</b> <small>depuis {since}</small>"
        yield _shot(pictures, first.turn.scene, f"À {fr.hour(begins)}{fr.NBSP}: {words}")
    elif first.stretch.lit:
        yield _blank("écran de la marque", f"À {fr.hour(begins)}{fr.NBSP}: rien à montrer", "")
    else:
        why = fr.rule(first.stretch)
        yield _blank("écran éteint", f"À {fr.hour(begins)}{fr.NBSP}: éteint ({why})", " off")
    follows = first.follows
    if follows is None:
        yield _blank("aucune scène", "Ensuite, d’ici la fin de la période", "")
    else:
        at = line.local(follows.began)
        other = "" if at.date() == begins.date() else f"{fr.day(at.date())}, "
        words = f"<b>{_name(line, follows.scene)}</b> <small>{other}{fr.exact(at)}</small>"
        yield _shot(pictures, follows.scene, f"Ensuite{fr.NBSP}: {words}")
    yield "</div>"


def _name(line: Timeline, scene: str) -> str:
    return escape(fr.named(line, scene))


def _shot(pictures: Pictures, scene: str, caption: str) -> str:
    words = "" if scene in pictures else f'<span class="soft">{scene}</span>'
    image = f'<div class="shot p-{css(scene)}" role="img" aria-label="{scene}">{words}</div>'
    return f'<figure class="c-{css(scene)}">{image}<figcaption>{caption}</figcaption></figure>'


def _blank(words: str, caption: str, kind: str) -> str:
    inside = f'<div class="shot{kind}"><span>{words}</span></div>'
    return f"<figure>{inside}<figcaption>{caption}</figcaption></figure>"


def _lights(line: Timeline, _: Pictures) -> Iterator[str]:
    yield f'<h2>Allumé, éteint</h2><div class="band">{band(line)}</div><div class="marks">'
    for where, words in marks(line):
        yield f'<span style="left:{where:.2%}">{words}</span>'
    yield "</div><table><tr><th>Quand</th><th>Écran</th><th>Règle</th></tr>"
    for span in line.told.spans():
        colour, words = ("lit", "allumé") if span.lit else ("dark", "éteint")
        key = f'<span class="key" style="background:var(--{colour})"></span>'
        yield (
            f"<tr><td>{fr.period(line, span)}</td><td>{key}{words}</td>"
            f"<td>{fr.rule(span)} <small>{escape(_detail(span.detail))}</small></td></tr>"
        )
    yield "</table>"


def _detail(words: str) -> str:
    return {"lit but for the night": "allumé sauf la nuit"}.get(words, words)


def _hours(line: Timeline, _: Pictures) -> Iterator[str]:
    yield (
        '<h2>Heure par heure</h2><p class="soft">Une couleur par scène, celle du trait sous son '
        "image plus bas\N{NO-BREAK SPACE}: froide pour les familles, chaude pour les candidats, "
        "grise pour les avis.</p>"
    )
    yield '<div class="hours"><span></span><div class="axis">'
    yield "".join(f"<span>{minutes}</span>" for minutes in ("0", "15", "30", "45", "60 min"))
    yield "</div>"
    day = None
    for row in rows(line):
        begins = line.local(row.begins)
        if begins.date() != day:
            day = begins.date()
            yield f"<span></span><b>{fr.day(day)}</b>"
        yield from _row(line, row)
    yield "</div>"


def _row(line: Timeline, row: Row) -> Iterator[str]:
    begins, ends = line.local(row.begins), line.local(row.ends)
    if not row.dark:
        yield f'<span class="t">{fr.hour(begins)}</span>{row.svg}'
        return
    other = "" if ends.date() == begins.date() else f"{fr.day(ends.date())}, "
    words = f"éteint jusqu’à {other}{fr.hour(ends)}"
    yield f'<span class="t">{fr.hour(begins)}</span><div class="off-row">{words}</div>'


def _strip(line: Timeline, pictures: Pictures) -> Iterator[str]:
    first = line.told.turns[:STRIP]
    if len(first) < 2:
        return
    yield f'<h2>Les {len(first)} premiers passages</h2><div class="strip">'
    for turn in first:
        at, name = fr.exact(line.local(turn.began)), _name(line, turn.scene)
        words = f"{at} <b>{name}</b> <small>{fr.length(turn.seconds)}</small>"
        yield _shot(pictures, turn.scene, words)
    yield "</div>"


def _shares(line: Timeline, _: Pictures) -> Iterator[str]:
    turns = line.told.turns
    notices = line.notices(turns)
    plays = (len(turns) - notices.plays) or 1
    yield '<h2>La part de chaque public</h2><div class="share">'
    for name, tally in line.by_audience(turns).items():
        share, asked = tally.plays / plays, line.asked(name)
        yield (
            f'<span>{fr.AUDIENCES[name]}</span><div class="bar"><i style="width:{share:.2%};'
            f'background:{AUDIENCE_COLOURS[name]}"></i><u style="left:{asked:.2%}"></u></div>'
            f"<span><b>{fr.percent(share)}</b> <small>pour {fr.percent(asked)} demandés · "
            f"{_plays(tally)}</small></span>"
        )
    yield "</div>"
    if notices.plays:
        yield f"<p><small>Et des avis, pour tout le monde{fr.NBSP}: {_plays(notices)}.</small></p>"


def _plays(tally: Tally) -> str:
    return f"{fr.counted(tally.plays, 'passage')}, {fr.length(tally.seconds)}"


def _scenes(line: Timeline, pictures: Pictures) -> Iterator[str]:
    turns = line.told.turns
    tallies = line.by_scene(turns)
    yield f"<h2>Les scènes montrées ({len(tallies)})</h2>"
    if not tallies:
        yield "<p>Aucune dans cette période.</p>"
        return
    whole = sum(tally.seconds for tally in tallies.values()) or 1.0
    yield '<div class="scenes">'
    for name, scene in line.scenes.items():
        if name not in tallies:
            continue
        whom, tally = fr.AUDIENCES[audience_of(scene)].lower(), tallies[name]
        yield _shot(
            pictures,
            name,
            f"<b>{_name(line, name)}</b> · {fr.KINDS.get(scene.kind, scene.kind)} · {whom}<br>"
            f"<small>{fr.percent(tally.seconds / whole)} du temps<br>"
            f"{fr.counted(tally.plays, 'passage')} de {_hold(turns, name)}</small>",
        )
    yield "</div>"


def _hold(turns: tuple[Turn, ...], name: str) -> str:
    """How long most of its plays last."""
    seconds = [turn.seconds for turn in turns if turn.scene == name]
    return fr.length(max(set(seconds), key=seconds.count))


def _left_out(line: Timeline, _: Pictures) -> Iterator[str]:
    absences = line.told.absences()
    yield "<h2>Laissées de côté</h2>"
    if not absences:
        yield "<p>Aucune scène n’est laissée de côté.</p>"
        return
    yield "<table><tr><th>Scène</th><th>Pourquoi</th><th>Quand</th></tr>"
    for one in absences:
        yield (
            f"<tr><td><b>{_name(line, one.scene)}</b></td><td>{escape(fr.reason(line, one))}</td>"
            f"<td>{fr.period(line, one)}</td></tr>"
        )
    yield "</table>"


def _foot(line: Timeline, _: Pictures) -> Iterator[str]:
    yield (
        "<footer><p>Calculé par les règles mêmes de l’écran, pour un écran en marche depuis la "
        "veille avec cette version et dont chaque image est prête à temps. Un écran redémarré dans "
        "la journée reprend l’ordre du jour à son début.</p>"
        f"<p>Version {escape(line.content.release)}</p></footer>"
    )
