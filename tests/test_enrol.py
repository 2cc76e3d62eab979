"""From head office's desk to an enrolled PC, by the commands: one file, one stick, no keyboard."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.agent.sticks import Linux, Sticks
from kiosk.agent.taking import Desk, Enrolled, take
from kiosk.cli import main
from kiosk.config import load
from kiosk.door.loopback import served
from kiosk.door.refusal import EX_CONFIG, EX_IOERR, EX_NOINPUT, EX_NOPERM, EX_USAGE
from kiosk.release.enrolment import CA_FILE, KEPT, NAME, read
from tests.release.authority import Authority
from tests.release.head_office import HeadOffice

CENTRAL = "https://kiosk.o2.example/site"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """A head office that published once, today."""
    office = HeadOffice(tmp_path_factory.mktemp("scene") / "office", datetime.now(UTC))
    office.publish()
    return office


@pytest.fixture
def pc(tmp_path: Path, office: HeadOffice, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PC that was installed with the trust anchor and nothing else; its folder."""
    here = tmp_path / "pc"
    (here / "media/kiosk/CLE").mkdir(parents=True)
    (here / "proc").mkdir()
    (here / "proc/mounts").write_text("")
    (here / "root.json").write_bytes(office.anchor)
    monkeypatch.chdir(here)
    monkeypatch.setenv("KIOSK_DATA", str(here / "data"))
    return here


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that the operating system does not know."""
    (tmp_path / "authority").mkdir()
    return Authority(tmp_path / "authority")


def enrol(office: HeadOffice, *words: str, agency: str = "le-mans", central: str = CENTRAL) -> int:
    """What head office types."""
    keys = str(office.keys.folder)
    return main(["enrol", "--agency", agency, "--central", central, "--keys", keys, *words])


def plug_in(pc: Path) -> object:
    """What the PC does with the stick."""
    found = Sticks(Linux(pc)).find()
    return take(found, Desk(pc / "data", pc / "root.json", "PC-LEMANS-01"), datetime.now(UTC))


def told(capsys: Capture, *words: str) -> dict[str, tuple[str, str]]:
    """What `kiosk config` says: name -> value and origin."""
    capsys.readouterr()
    assert main(["config", "--json", *words]) == 0
    table = json.loads(capsys.readouterr().out)
    return {name: (row["value"], row["origin"]) for name, row in table.items()}


def test_a_stick_gives_a_pc_its_settings_and_its_first_release(
    office: HeadOffice, pc: Path, capsys: Capture
) -> None:
    assert main(["sync"]) == EX_CONFIG
    with served(office.tree) as central:
        stick = pc / "media/kiosk/CLE"
        assert enrol(office, "--to", str(stick), "--poll-s", "60", central=central) == 0
        assert f"{stick / NAME}: enrols any PC for agency le-mans until " in capsys.readouterr().out
        assert isinstance(plug_in(pc), Enrolled)
        rows = told(capsys)
        assert rows["agency"] == ("le-mans", "enrolment")
        assert rows["central"] == (central, "enrolment")
        assert rows["poll_s"] == ("60", "enrolment")
        assert rows["enrolment"] == ("in force", str(pc / "data" / KEPT))
        assert rows["root"] == (str(pc / "root.json"), "default")
        assert rows["data"] == (str(pc / "data"), "KIOSK_DATA")
        assert main(["sync"]) == 0
    assert capsys.readouterr().out.startswith("updated: release 1 is here")


def test_everybody_else_wins_over_an_enrolment(
    office: HeadOffice, pc: Path, capsys: Capture
) -> None:
    stick = str(pc / "media/kiosk/CLE")
    assert enrol(office, "--to", stick, "--screen", "vitrine", "--display", "1") == 0
    plug_in(pc)
    (pc / "kiosk.yaml").write_text("agency: nantes\npoll_s: 120\n")
    rows = told(capsys, "--screen", "comptoir")
    assert rows["agency"] == ("nantes", "kiosk.yaml:1")
    assert rows["poll_s"] == ("120", "kiosk.yaml:2")
    assert rows["screen"] == ("comptoir", "--screen")
    assert rows["display"] == ("1", "enrolment")
    assert rows["central"] == (CENTRAL, "enrolment")


def test_authorities_travel_inside_the_file(
    office: HeadOffice, pc: Path, capsys: Capture, authority: Authority
) -> None:
    key = (office.keys.folder / "daily/hq.pem").read_text()
    assert "PRIVATE KEY" in key
    (pc / "ca.pem").write_text(f"Siege\n{authority.file.read_text()}{key}")
    stick = pc / "media/kiosk/CLE"
    assert enrol(office, "--to", str(stick), "--ca-file", str(pc / "ca.pem")) == 0
    said = read((stick / NAME).read_bytes(), office.anchor, now=datetime.now(UTC), pc="x").enrolment
    assert said.ca == authority.file.read_text()
    plug_in(pc)
    assert told(capsys)["ca_file"] == (str(pc / "data" / CA_FILE), "enrolment")
    (pc / "data" / CA_FILE).write_text("changed")
    rows = told(capsys)
    assert rows["ca_file"] == ("-", "default")
    assert rows["agency"] == ("le-mans", "enrolment")
    assert "is not what was enrolled" in rows["enrolment"][0]


def test_what_does_not_verify_is_ignored_and_told(
    office: HeadOffice, pc: Path, capsys: Capture
) -> None:
    assert enrol(office, "--to", str(pc / "media/kiosk/CLE")) == 0
    plug_in(pc)
    kept = pc / "data" / KEPT
    content = kept.read_bytes()
    kept.write_bytes(content[:-20])
    rows = told(capsys)
    assert rows["agency"] == ("-", "default")
    assert rows["enrolment"][0].startswith("the file is no enrolment")
    kept.write_bytes(content)
    (pc / "root.json").write_bytes(b"{}")
    assert "the trust anchor is no root.json" in told(capsys)["enrolment"][0]
    (pc / "root.json").unlink()
    config = load(None, {"KIOSK_DATA": str(pc / "data")}, {})
    anchor = pc / "root.json"
    assert config.problem == f"the trust anchor {anchor} cannot be read (no such file or directory)"
    assert config.settings.agency is None


def test_a_pc_without_an_enrolment_has_no_row_for_it(pc: Path, capsys: Capture) -> None:
    assert pc.is_dir()
    assert "enrolment" not in told(capsys)


def test_head_office_says_for_whom_and_until_when(
    office: HeadOffice, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "le-mans.enrol"
    assert enrol(office, "--to", str(path), "--pc", "PC-LEMANS-01", "--valid-days", "7") == 0
    day = (datetime.now(UTC) + timedelta(days=7)).date()
    said = capsys.readouterr().out
    assert said == f"{path}: enrols the PC PC-LEMANS-01 for agency le-mans until {day}\n"
    assert enrol(office, "--to", str(path), agency="le-man") == 0
    assert "have not published an agency le-man yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "slip",
    [
        (["--valid-days", "0"], EX_USAGE, "--valid-days: 1 to 3650"),
        (["--poll-s", "5"], EX_USAGE, "--poll-s: 5: "),
        (["--proxy", "proxy:3128"], EX_USAGE, "--proxy: 'proxy:3128': must be a web address"),
        (["--ca-file", "missing.pem"], EX_NOINPUT, "missing.pem cannot be read"),
        (["--ca-file", "root.json"], EX_NOINPUT, "root.json holds no certificates"),
        (["--to", "nowhere/x.enrol"], EX_NOINPUT, "is the stick in?"),
        (["--to", "proc/mounts/x"], EX_NOINPUT, "is the stick in?"),
        (["--to", "taken"], EX_IOERR, "cannot be written"),
        (["--keys", "proc"], EX_NOPERM, "holds no keys"),
    ],
    ids=lambda slip: " ".join(slip[0]),
)
def test_a_slip_is_named_and_nothing_is_written(
    office: HeadOffice, pc: Path, capsys: Capture, slip: tuple[list[str], int, str]
) -> None:
    words, code, message = slip
    (pc / "taken" / NAME).mkdir(parents=True)
    assert enrol(office, "--to", "out.enrol", *words) == code
    assert message in capsys.readouterr().err
    assert not (pc / "out.enrol").exists()


def test_every_slip_is_named_at_once(office: HeadOffice, pc: Path, capsys: Capture) -> None:
    code = enrol(office, "--to", str(pc), agency="Le Mans", central="file:///E:/site")
    assert code == EX_USAGE
    message = capsys.readouterr().err
    assert "--agency: 'Le Mans'" in message
    assert "--central: 'file:///E:/site': must be a web address" in message
