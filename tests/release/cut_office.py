"""A head office whose machine loses its power while it changes the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from kiosk.release.repository import Repository
from kiosk.release.site import Site
from tests.release.head_office import HeadOffice


class Cut(Exception):
    """The machine that publishes lost its power."""


@dataclass
class CutSite:
    """A site whose publisher dies at one of its changes."""

    site: Site
    left: int
    lock: Lock = field(default_factory=Lock)

    @property
    def where(self) -> str:
        return self.site.where

    def read(self, name: str) -> bytes | None:
        return self.site.read(name)

    def write(self, name: str, content: bytes) -> None:
        self._count()
        self.site.write(name, content)

    def delete(self, name: str) -> None:
        self._count()
        self.site.delete(name)

    def names(self, under: str) -> frozenset[str]:
        return self.site.names(under)

    def sizes(self, under: str) -> Mapping[str, int]:
        return self.site.sizes(under)

    def _count(self) -> None:
        with self.lock:
            self.left -= 1
            if self.left < 0:
                raise Cut


class CutOffice(HeadOffice):
    """A head office with such a site; `read_before` is what a slow publisher has seen of it."""

    left = 10**6
    read_before: Repository | None = None

    def site(self) -> Site:
        return CutSite(super().site(), self.left)

    def repository(self) -> Repository:
        return self.read_before or super().repository()


def twin(office: CutOffice, root: Path) -> CutOffice:
    """The same head office in another folder."""
    copied = office.copied(root)
    assert isinstance(copied, CutOffice)
    return copied
