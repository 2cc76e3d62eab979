"""Job offers (schema.org JobPosting), as jobs/*.yaml has them: who is sought, where, for what pay.

French law wants an offer to be dated and open to both sexes; the pay range is ours to insist on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from kiosk.campaign.fields import Frozen, Id, Line, Window, one_line

Contract = Literal["CDI", "CDD", "intérim", "apprentissage", "stage"]
Unit = Literal["hour", "month", "year"]
_BOTH: Final = re.compile(r"\b(?:H\s?/\s?F|F\s?/\s?H)\b")
_PER: Final = {"hour": "de l’heure", "month": "par mois", "year": "par an"}


def _for_both(title: str) -> str:
    if not _BOTH.search(title):
        raise ValueError("must say that it is open to both sexes; write for example Jardinier H/F")
    return title


Title = Annotated[
    str,
    AfterValidator(one_line),
    AfterValidator(_for_both),
    StringConstraints(min_length=1, max_length=60),
]
Money = Annotated[float, Field(gt=0, le=1_000_000)]


class Salary(Frozen):
    """A gross pay range in euros (schema.org MonetaryAmount)."""

    min_value: Money
    max_value: Money
    unit_text: Unit = "hour"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_value < self.min_value:
            raise ValueError(
                f"max_value ({self.max_value:g}) is below min_value ({self.min_value:g}); swap them"
            )
        return self

    def words(self) -> str:
        """12,10 à 13,40 € brut de l’heure."""
        low, high = (_euros(value, self.unit_text) for value in (self.min_value, self.max_value))
        span = low if low == high else f"{low} à {high}"
        return f"{span} € brut {_PER[self.unit_text]}"


class JobOffer(Frozen):
    """One offer; it is shown from the day it is posted through the last day it is valid.

    hiring_organization is the brand where it is left out.
    """

    id: Id
    title: Title
    employment_type: Contract
    work_hours: Line | None = None
    job_location: Line
    hiring_organization: Line | None = None
    date_posted: date
    valid_through: date
    base_salary: Salary | None = None
    agencies: Annotated[tuple[Id, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.valid_through < self.date_posted:
            raise ValueError(
                f"valid_through ({self.valid_through}) is before date_posted"
                f" ({self.date_posted}); swap them"
            )
        return self

    @property
    def audience(self) -> Literal["candidates"]:
        """Whom its link is for."""
        return "candidates"

    def window(self) -> Window:
        """The days on which it may be shown."""
        return Window.model_validate({"from": self.date_posted, "until": self.valid_through})

    def facts(self) -> tuple[str, ...]:
        """Contract and place, then hours and pay, as far as they are given."""
        lines = [f"{self.employment_type} · {self.job_location}", self.work_hours]
        return tuple(line for line in (*lines, self.pay()) if line)

    def pay(self) -> str:
        """The pay range in words; empty where none is given."""
        return self.base_salary.words() if self.base_salary else ""


class JobsFile(Frozen):
    """jobs/<any name>.yaml."""

    offers: Annotated[tuple[JobOffer, ...], Field(min_length=1)]


def written(offers: Iterable[JobOffer]) -> bytes:
    """The offers as a file of YAML that reads back the same; equal offers make equal bytes."""
    plain = [offer.model_dump(exclude_none=True) for offer in offers]
    dumped: str = yaml.dump(
        {"offers": plain}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10**9
    )
    return dumped.encode()


class _Plain(yaml.SafeDumper):
    """Without anchors, which our files may not have many of."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _euros(value: float, unit: Unit) -> str:
    """12,10 an hour, 1 850 a month: cents where they count."""
    cents = 2 if unit == "hour" or value % 1 else 0
    return f"{value:,.{cents}f}".replace(",", " ").replace(".", ",")
