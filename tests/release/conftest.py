"""What tests of releases share; nothing here acts on a test that does not name it."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.release.origin import open_origin
from kiosk.release.sync import Updated
from tests.release.authority import Authority
from tests.release.head_office import HeadOffice, Shop, picture
from tests.release.world import BIG, World


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """A head office that published once, to be copied; and below it a screen with release 1."""
    office = HeadOffice(tmp_path_factory.mktemp("scene") / "office")
    office.publish()
    first = Shop(office.root / "shop", office.anchor)
    assert isinstance(first.poll(open_origin(office.tree.as_uri())), Updated)
    return office


@pytest.fixture
def office(tmp_path: Path, published: HeadOffice) -> HeadOffice:
    """A head office that published once."""
    return published.copied(tmp_path / "office")


@pytest.fixture
def shop(office: HeadOffice) -> Shop:
    """A screen in Le Mans that has release 1."""
    return Shop(office.root / "shop", office.anchor)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world that each test copies."""
    root = tmp_path_factory.mktemp("faults")
    office = HeadOffice(root / "office")
    office.publish()
    first = office.copy_site("first")
    shop = Shop(root / "shop", office.anchor)
    assert isinstance(shop.poll(open_origin(first.as_uri())), Updated)
    office.write({"am1": "Au revoir.", "am2": "Bonsoir."})
    office.picture("am1").write_bytes(picture("#123456", BIG))
    office.publish()
    return World(shop, first, office.copy_site("second"))


@pytest.fixture
def world(tmp_path: Path, template: World) -> World:
    """Two releases, and a screen of one's own that holds the first."""
    copy = Path(shutil.copytree(template.shop.root, tmp_path / "shop"))
    return replace(template, shop=replace(template.shop, root=copy))


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine says of proxies and certificates is none of a test's business."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def quick_collections() -> Iterator[None]:
    """Only what a test makes is looked through after it."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """No socket is left to the collector."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that the operating system does not know."""
    return Authority(tmp_path_factory.mktemp("authority"))
