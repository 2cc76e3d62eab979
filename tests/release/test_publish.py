"""What a publish changes on the site, and what it never does, also when it is cut short."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Snapshot, Targets

from kiosk.release.origin import open_origin
from kiosk.release.publish import NothingNew, Published, refresh
from kiosk.release.record import CAMPAIGN
from kiosk.release.repository import SiteRefused
from kiosk.release.rollback import roll_back
from kiosk.release.rotate import rotate_daily
from kiosk.release.sync import Outcome, Rejected, Seat, Unchanged, Unreachable, Updated
from tests.release.cut_office import Cut, CutOffice, twin
from tests.release.head_office import HeadOffice, Shop, picture

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> CutOffice:
    """A head office that published once, and below it a screen that has release 1."""
    office = CutOffice(tmp_path_factory.mktemp("scene") / "office")
    office.publish()
    assert isinstance(poll(Shop(office.root / "shop", office.anchor), office), Updated)
    return office


@pytest.fixture
def office(published: CutOffice, tmp_path: Path) -> CutOffice:
    """A copy of it."""
    return twin(published, tmp_path / "office")


@pytest.fixture
def shop(office: HeadOffice) -> Shop:
    """The screen that has release 1."""
    return Shop(office.root / "shop", office.anchor)


def poll(shop: Shop, office: HeadOffice) -> Outcome:
    """Ask the site once."""
    return shop.poll(open_origin(office.tree.as_uri()))


def files(office: HeadOffice) -> dict[str, tuple[int, bytes]]:
    """Every file on the site: when it was written (ns), and its bytes."""
    paths = (path for path in office.tree.rglob("*") if path.is_file())
    return {
        path.relative_to(office.tree).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in paths
    }


def names(new: set[str]) -> set[str]:
    """Names without the hash of an object."""
    parts = (name.rpartition("/") for name in new)
    return {f"{at}/{n.partition('.')[2] if 'targets' in at else n}" for at, _, n in parts}


def speak(office: HeadOffice, words: str) -> Published | NothingNew:
    """Publish other words."""
    office.write({"am1": words, "am2": "Bonsoir."})
    return office.publish()


def new_picture(office: HeadOffice) -> None:
    """Another picture of am1."""
    office.picture("am1").write_bytes(picture("#fedcba"))
    office.publish()


def new_agency(office: HeadOffice) -> None:
    """One agency more."""
    office.agency("angers", "an")
    office.publish()


HQ = {"metadata/2.hq.json", "metadata/2.snapshot.json", "targets/campaign/release.json"}


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda o: speak(o, "Salut."), {*HQ, "targets/campaign/campaign.yaml"}),
        (new_picture, {*HQ, "targets/media/portraits/am1.svg"}),
        (
            new_agency,
            {
                *HQ,
                "metadata/2.targets.json",
                "metadata/1.agency-angers.json",
                "targets/agencies/angers.yaml",
                "targets/campaign/agencies.json",
            },
        ),
        (lambda o: o.publish(), {"metadata/2.snapshot.json"}),
        (lambda o: o.refresh(), {"metadata/2.snapshot.json"}),
    ],
    ids=["words", "picture", "agency", "nothing", "refresh"],
)
def test_only_what_differs_is_written(
    office: HeadOffice, change: Callable[[HeadOffice], object], wanted: set[str]
) -> None:
    before = files(office)
    change(office)
    after = files(office)
    assert names(set(after) - set(before)) == wanted
    assert {n for n in before if after[n] != before[n]} == {"metadata/timestamp.json"}


def test_what_is_sent_is_counted(office: HeadOffice) -> None:
    before = files(office)
    outcome = speak(office, "Salut.")
    after = files(office)
    assert isinstance(outcome, Published)
    assert (outcome.number, outcome.changed) == (2, (CAMPAIGN,))
    new = [content for name, (at, content) in after.items() if before.get(name, (0,))[0] != at]
    assert outcome.sent.files == len(new) == 5
    assert outcome.sent.bytes == sum(map(len, new))


def test_a_file_that_was_sent_never_changes(office: HeadOffice) -> None:
    steps: list[Callable[[HeadOffice], object]] = [
        lambda o: speak(o, "Un."),
        HeadOffice.refresh,
        new_agency,
        lambda o: rotate_daily(o.repository(), "daily", o.root_signers(1, 2)),  # type: ignore[arg-type]
        new_picture,
        lambda o: (o.folder / "agencies" / "angers.yaml").unlink(),
        lambda o: speak(o, "Deux."),
        lambda o: roll_back(o.repository(), o.repository().number - 1),
    ]
    for step in steps:
        before = files(office)
        step(office)
        after = files(office)
        assert {n for n in before if before[n] != after.get(n)} <= {"metadata/timestamp.json"}


def cut_everywhere(office: CutOffice, tmp_path: Path) -> Iterator[tuple[CutOffice, Outcome]]:
    """Publish copies of an office, cut at each change in turn; with what a fresh screen gets."""
    for count in itertools.count():
        copied = twin(office, tmp_path / f"office-{count}")
        copied.left = count
        try:
            published = copied.publish()
        except Cut:
            copied.left = 10**6
            yield copied, poll(Shop(copied.root / "fresh", office.anchor), copied)
        else:
            assert published.sent.files == count
            return


def test_a_first_release_cut_at_any_instant_is_all_there_or_not_at_all(
    published: CutOffice, tmp_path: Path
) -> None:
    office = twin(published, tmp_path / "office")
    office.tree.rename(office.root / "old")
    for copied, outcome in cut_everywhere(office, tmp_path):
        assert isinstance(outcome, Unreachable)
        assert isinstance(copied.publish(), Published)
        assert isinstance(poll(Shop(copied.root / "fresh", office.anchor), copied), Updated)


def test_a_release_cut_at_any_instant_leaves_the_one_before(
    published: CutOffice, tmp_path: Path
) -> None:
    office = twin(published, tmp_path / "office")
    office.write({"am1": "Neuf.", "am3": "Bonsoir."})
    office.agency("angers", "an")
    for copied, outcome in cut_everywhere(office, tmp_path):
        assert isinstance(outcome, Updated)
        assert outcome.release.manifest.number == 1
        assert isinstance(copied.publish(), Published)
        again = poll(Shop(copied.root / "fresh", office.anchor), copied)
        assert isinstance(again, Updated)
        assert again.release.manifest.number == 2


def test_of_two_publishers_at_once_the_second_is_refused(office: CutOffice, shop: Shop) -> None:
    slow = office.repository()
    speak(office, "Le premier.")
    poll(shop, office)
    before = {n: f for n, f in files(office).items() if n.startswith("metadata/")}
    office.write({"am1": "Le second.", "am2": "Bonsoir."})
    office.read_before = slow
    with pytest.raises(SiteRefused, match=r"somebody else published to .* in this moment"):
        office.publish()
    office.read_before = None
    assert {n: f for n, f in files(office).items() if n.startswith("metadata/")} == before
    assert isinstance(poll(shop, office), Unchanged)
    assert isinstance(office.publish(), Published)
    assert isinstance(poll(shop, office), Updated)


# -- agencies come and go -----------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True], ids=["same key", "key lost"])
def test_an_agency_goes_and_comes_back(office: HeadOffice, shop: Shop, lost: bool) -> None:
    (office.folder / "agencies" / "nantes.yaml").unlink()
    office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, dict.fromkeys(("am1", "am2"), "[le-mans]"))
    office.publish()
    targets = Metadata[Targets].from_bytes(office.latest("targets").read_bytes()).signed
    assert targets.delegations is not None
    assert set(targets.delegations.roles or ()) == {"hq", "agency-le-mans"}
    snapshot = Metadata[Snapshot].from_bytes(office.latest("snapshot").read_bytes()).signed
    assert snapshot.meta["agency-nantes.json"].version == 1
    assert isinstance(poll(shop, office), Updated)
    nantes = Shop(office.root / "nantes", office.anchor, Seat("nantes"))
    assert isinstance(poll(nantes, office), Rejected)
    if lost:
        (office.keys.folder / "daily" / "agencies" / "nantes.pem").unlink()
    office.agency("nantes", "na")
    assert isinstance(office.publish(), Published)
    assert office.latest("agency-nantes").name == "2.agency-nantes.json"
    assert isinstance(poll(shop, office), Updated)
    assert isinstance(poll(nantes, office), Updated)


def test_an_agency_that_comes_disturbs_no_other(office: HeadOffice, shop: Shop) -> None:
    new_agency(office)
    angers = Shop(office.root / "angers", office.anchor, Seat("angers"))
    assert isinstance(poll(angers, office), Updated)
    outcome = poll(shop, office)
    assert isinstance(outcome, Updated)
    assert outcome.files == 1  # the manifest


# -- consent withdrawn --------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut before the picture is gone"])
def test_the_pictures_of_who_withdrew_leave_the_site(
    office: CutOffice, shop: Shop, cut: bool
) -> None:
    new_picture(office)
    assert len(list(office.tree.rglob("*.am1.svg"))) == 2
    office.write({"am1": "Bonjour.", "am2": "Bonsoir."}, withdrawn=frozenset({"am1"}))
    if cut:
        office.left = 5
        with pytest.raises(Cut):
            office.publish()
        assert list(office.tree.rglob("*.am1.svg"))
        office.left = 10**6
    office.publish()
    assert list(office.tree.rglob("*.am1.svg")) == []
    assert len(list(office.tree.rglob("*.am2.svg"))) == 1
    for words in ("Après.", "Encore."):
        assert isinstance(poll(shop, office), Updated)
        assert "media/portraits/am1.svg" not in shop.release.files
        signed = Metadata[Targets].from_bytes(office.latest("hq").read_bytes()).signed.targets
        assert "media/portraits/am1.svg" not in signed
        office.write({"am1": "Bonjour.", "am2": words}, withdrawn=frozenset({"am1"}))
        office.publish()


# -- each night ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "roles"),
    [(1, set()), (486, set()), (487, {"targets", "hq", "agency-le-mans", "agency-nantes"})],
)
def test_a_night_renews_what_has_a_third_of_its_life_left(
    office: HeadOffice, shop: Shop, days: int, roles: set[str]
) -> None:
    before = files(office)
    office.now = shop.now = office.now + days * DAY
    office.refresh()
    new = set(files(office)) - set(before)
    assert new == {"metadata/2.snapshot.json", *(f"metadata/2.{role}.json" for role in roles)}
    assert isinstance(poll(shop, office), Unchanged)
    assert isinstance(
        poll(Shop(office.root / "fresh", office.anchor, now=shop.now), office), Updated
    )


def test_there_is_nothing_to_refresh_on_an_empty_site(office: HeadOffice) -> None:
    office.tree.rename(office.root / "gone")
    with pytest.raises(SiteRefused, match="holds no release yet; publish one first"):
        refresh(office.repository())
