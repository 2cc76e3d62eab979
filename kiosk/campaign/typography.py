"""French typography: the right spaces, quotes, dashes and apostrophes, put there by the program."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

THIN: Final = "\u202f"
"""Narrow no-break space: before ; ! ? », after «, between groups of digits, before a unit."""
FIXED: Final = "\u00a0"
"""No-break space: before a colon, and between words that belong together."""

_SPACE: Final = f"[ \t\u2009{FIXED}{THIN}]"
_EDGE: Final = r"\s«»\"“”'’("
_SIGN: Final = f"[^{_EDGE}]"
_ADDRESS: Final = (
    rf"(?<!{_SIGN}){_SIGN}*://[^\s«»\"“”]*"
    rf"|(?<!{_SIGN}){_SIGN}*(?:@|\w\.\w)(?:{_SIGN}*[^{_EDGE}!?;:.,…])?"
    r"|&#?\w{2,8};"
)
"""Web and mail addresses, domains and HTML entities: nothing is changed inside them."""

_CURLY: Final = re.compile(r"“([^“”]*)”")
_STRAIGHT: Final = re.compile(r'(?<!\w)"(?=[^\s"])([^"]*)(?<=\S)"(?!\w)')
_MONTH: Final = (
    r"(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)"
)
_UNIT: Final = r"(?:[%‰€]|°C|(?:h|min|km|kg|m²|m)\b)"

# In this order: a later rule relies on the spaces that an earlier one has put.
_RULES: Final = tuple(
    (re.compile(rf"({_ADDRESS})|{written}"), becomes)
    for written, becomes in (
        (r"'", "’"),
        (r"\.{3,}", "…"),
        (rf"(?<=\S)[ {FIXED}]-(?=[ {FIXED}]\S)", " –"),
        (rf"«{_SPACE}*(?=\S)", f"«{THIN}"),
        (rf"(?<=\S){_SPACE}*(?=»)", THIN),
        (rf"{_SPACE}+(?=[;!?»])", THIN),
        (r"(?<=[\w)\]»%€…])(?=[;!?]+(?:[\s»)\]…]|$))", THIN),
        (rf"(?<=[^\s«]){_SPACE}+(?=:)", FIXED),
        (r"(?<=[^\W\d_])(?=:(?:\s|$))", FIXED),
        (rf"(?<=[0-9])(?<![0-9]{{4}}){_SPACE}+(?=[0-9]{{3}}(?![0-9]))", THIN),
        (rf"(?<=[0-9]){_SPACE}+(?={_UNIT})", THIN),
        (rf"(?<=[0-9]{THIN}h){_SPACE}+(?=[0-9]{{2}}\b)", THIN),
        (rf"(?<=[0-9]){_SPACE}+(?=mill(?:ion|iard)s?\b)", FIXED),
        (rf"(?<=\b[0-9]){_SPACE}+(?={_MONTH}\b)|(?<=\b[0-9]{{2}}){_SPACE}+(?={_MONTH}\b)", FIXED),
        (rf"(?<=\b[nN]°){_SPACE}*(?=[0-9])", FIXED),
        (rf"(\b[0-9]+(?:ers?|res?|es?|ème)){_SPACE}+(?=[^\W\d_])", rf"\2{FIXED}"),
        (rf"(?<=[\w,]) (?=[^\W\d_]{{1,3}}(?:[.…]|{THIN}?[!?»])*\Z)", FIXED),
    )
)


def french(text: str) -> str:
    """`text` as a French printer would set it: the same letters and digits, other signs between.

    Applying it again changes nothing.
    """
    for pattern in (_CURLY, _STRAIGHT):
        found = 1
        while found:
            text, found = pattern.subn(r"«\1»", text)
    for rule, becomes in _RULES:
        text = _apply(rule, becomes, text)
    return text


def _apply(rule: re.Pattern[str], becomes: str, text: str) -> str:
    return rule.sub(lambda found: found[1] or found.expand(becomes), text)


def quoted(text: str) -> str:
    """`text` set as `french` does, between « and » unless it already stands between them."""
    inner = french(text.strip()).strip()
    depths = list(accumulate((sign == "«") - (sign == "»") for sign in inner))
    enclosed = inner.startswith("«") and inner.endswith("»") and 0 not in depths[:-1]
    return inner if enclosed or not inner else f"«{THIN}{inner}{THIN}»"
