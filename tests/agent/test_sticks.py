"""USB sticks: a planted machine, real files, real programs that mount or hang."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.agent import sticks as module
from kiosk.agent.sticks import Linux, Stick, Sticks, Windows, udisks
from kiosk.agent.taking import Desk, Enrolled, Known, NoStick, NotTaken, take
from kiosk.release import enrolment
from kiosk.release.enrolment import CA_FILE, KEPT, LARGEST, NAME, Enrolment, Reason, held, sign
from tests.release.head_office import NOW, HeadOffice

SAID = Enrolment(
    agency="le-mans",
    central="https://kiosk.o2.example/site",
    issued=NOW,
    expires=NOW + timedelta(days=90),
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="mounts are POSIX")


class Machine:
    """A PC's folder tree: what it has mounted and what is plugged in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wanted: list[str] = []
        (root / "proc").mkdir(parents=True)
        (root / "sys/block").mkdir(parents=True)
        (root / "proc/mounts").write_text("")
        self.linux = Linux(root, self._mount)

    def mounted(self, device: str, point: str) -> Path:
        """Mount a device at a folder."""
        with (self.root / "proc/mounts").open("a") as table:
            table.write(f"{device} {point.replace(' ', chr(92) + '040')} vfat rw 0 0\n")
        folder = self.root / point.removeprefix("/")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def disk(
        self, name: str, *parts: str, removable: bool = True, bus: str = "ata1", size: int = 99
    ) -> None:
        """Plug a disk with these partitions in."""
        own = self.root / "sys/devices" / bus / name
        own.mkdir(parents=True)
        (own / "removable").write_text(f"{int(removable)}\n")
        (own / "size").write_text(f"{size}\n")
        for part in parts:
            (own / part).mkdir()
            (own / part / "partition").write_text("1\n")
        (self.root / "sys/block" / name).symlink_to(own)

    def _mount(self, device: str, seconds: float) -> None:
        assert 0 < seconds <= 5
        self.wanted.append(device)

    def folders(self) -> list[str]:
        """Where a file is looked for."""
        found = self.linux.folders(time.monotonic() + 5)
        return ["/" + folder.relative_to(self.root).as_posix() for folder in found]

    def find(self) -> list[Stick]:
        """What is found on this machine."""
        return Sticks(self.linux).find()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A PC with nothing plugged in."""
    return Machine(tmp_path / "pc")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> HeadOffice:
    """A head office and its keys."""
    return HeadOffice(tmp_path_factory.mktemp("scene") / "office")


@pytest.fixture(scope="module")
def content(office: HeadOffice) -> bytes:
    """A signed enrolment."""
    return sign(SAID, office.keys)


@pytest.fixture
def desk(tmp_path: Path, office: HeadOffice) -> Desk:
    """A PC that was installed with head office's trust anchor."""
    (tmp_path / "root.json").write_bytes(office.anchor)
    return Desk(tmp_path / "data", tmp_path / "root.json", "PC-LEMANS-01")


# -- looking --------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(
    "point", ["/media/kiosk/CLE", "/media/usb0", "/run/media/kiosk/CLE USB", "/mnt/stick"]
)
def test_a_stick_is_found_where_sticks_are_mounted(machine: Machine, point: str) -> None:
    folder = machine.mounted("/dev/sdb1", point)
    assert machine.find() == []
    (folder / NAME).write_bytes(b"hello")
    assert machine.find() == [Stick(folder / NAME, b"hello")]


@posix
def test_a_plain_folder_among_the_media_is_looked_at_too(machine: Machine) -> None:
    folder = machine.root / "media/kiosk/CLE"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(b"hello")
    assert machine.find() == [Stick(folder / NAME, b"hello")]


@posix
def test_what_is_plugged_in_is_found_wherever_it_is_mounted(machine: Machine) -> None:
    machine.disk("sdb", "sdb1")
    machine.disk("sdc", "sdc1", removable=False, bus="pci0/usb2/2-1")
    machine.disk("sda", "sda1", removable=False)
    machine.mounted("/dev/sdb1", "/srv/a stick")
    machine.mounted("/dev/sdc1", "/srv/usb disk")
    machine.mounted("/dev/sda1", "/srv/inside")
    assert machine.folders() == ["/srv/a stick", "/srv/usb disk"]
    assert machine.wanted == []


@posix
def test_a_network_share_is_not_waited_for(machine: Machine) -> None:
    machine.mounted("server:/share", "/mnt/share")
    machine.mounted("/dev/sdb1", "/mnt/stick")
    assert machine.folders() == ["/mnt/stick"]


@posix
def test_an_unmounted_stick_is_mounted_once_each_time_it_is_plugged_in(machine: Machine) -> None:
    machine.disk("sda", "sda1", removable=False)
    machine.disk("sdb", "sdb1", "sdb2")
    machine.disk("sdc")
    machine.disk("sr0", size=0)
    machine.mounted("/dev/sdb2", "/media/kiosk/CLE")
    assert machine.folders() == ["/media/kiosk/CLE", "/media/kiosk"]
    assert machine.wanted == ["/dev/sdb1", "/dev/sdc"]
    machine.folders()
    assert machine.wanted == ["/dev/sdb1", "/dev/sdc"]
    (machine.root / "sys/block/sdc").unlink()
    machine.folders()
    (machine.root / "sys/block/sdc").symlink_to(machine.root / "sys/devices/ata1/sdc")
    machine.folders()
    assert machine.wanted == ["/dev/sdb1", "/dev/sdc", "/dev/sdc"]


@posix
def test_what_a_mount_brings_is_found_in_the_same_look(machine: Machine) -> None:
    machine.disk("sdb", "sdb1")

    def mount(device: str, _seconds: float) -> None:
        (machine.mounted(device, "/media/kiosk/CLE") / NAME).write_bytes(b"hello")

    found = Sticks(Linux(machine.root, mount)).find()
    assert found == [Stick(machine.root / "media/kiosk/CLE" / NAME, b"hello")]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A udisksctl of our own, first on the path; to be written."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    path = folder / "udisksctl"
    path.touch(0o755)
    yield path


@posix
def test_udisksctl_is_asked_without_a_dialog_and_not_waited_for_long(
    program: Path, tmp_path: Path
) -> None:
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\necho no >&2\nexit 1\n')
    udisks("/dev/sdb1", 5)
    asked = (tmp_path / "asked").read_text()
    assert asked == "mount --no-user-interaction -o ro -b /dev/sdb1\n"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    began = time.monotonic()
    udisks("/dev/sdb1", 0.3)
    assert time.monotonic() - began < 5
    (tmp_path / "asked").unlink()
    udisks("/dev/sdb1", 0)
    program.unlink()
    udisks("/dev/sdb1", 5)
    assert not (tmp_path / "asked").exists()


@posix
def test_a_stick_that_hangs_holds_nobody_up(machine: Machine) -> None:
    folder = machine.mounted("/dev/sdb1", "/media/kiosk/CLE")
    let_go, asked = threading.Event(), 0

    class Hanging:
        def folders(self, until: float) -> list[Path]:
            nonlocal asked
            asked += 1
            let_go.wait(60)
            return machine.linux.folders(until)

    looker = Sticks(Hanging(), patience_s=0.2)
    began = time.monotonic()
    assert looker.find() == []
    assert looker.find() == []
    assert time.monotonic() - began < 5
    assert asked == 1
    (folder / NAME).write_bytes(b"hello")
    let_go.set()
    deadline = time.monotonic() + 20
    while not (found := looker.find()):
        assert time.monotonic() < deadline
    assert found == [Stick(folder / NAME, b"hello")]
    assert looker.find() == found


@posix
def test_what_is_there_and_cannot_be_read_is_no_stick(machine: Machine) -> None:
    for number in range(4):
        machine.mounted(f"/dev/sd{number}", f"/media/kiosk/{number}")
    media = machine.root / "media/kiosk"
    (media / "0" / NAME).mkdir()
    os.mkfifo(media / "1" / NAME)
    (media / "2" / NAME).symlink_to(media / "gone")
    (media / "3" / NAME).write_bytes(b"x" * (LARGEST + 500))
    (found,) = machine.find()
    assert found.path.parent.name == "3"
    assert len(found.content) == LARGEST + 1


@posix
def test_a_pc_that_tells_nothing_has_no_sticks(tmp_path: Path) -> None:
    assert Sticks(Linux(tmp_path)).find() == []


def test_this_very_pc_is_looked_at_without_an_error() -> None:
    assert Sticks(name="no-such-file-on-any-stick").find() == []
    if sys.platform != "win32":
        assert Windows().folders(0) == []


def test_looking_and_taking_agree_on_the_file() -> None:
    assert (module.NAME, module.LARGEST) == (enrolment.NAME, enrolment.LARGEST)


# -- taking ---------------------------------------------------------------------------------


def test_an_enrolment_is_taken_once(desk: Desk, content: bytes, office: HeadOffice) -> None:
    stick = Stick(Path("/media/kiosk/CLE") / NAME, content)
    assert take([], desk, NOW) == NoStick()
    first = take([stick], desk, NOW)
    assert first == Enrolled(stick.path, SAID)
    assert "for agency le-mans" in str(first)
    assert (desk.data / KEPT).read_bytes() == content
    found = held(desk.data, office.anchor)
    assert found is not None
    assert found.enrolment == SAID
    assert take([stick], desk, NOW) == Known(stick.path)
    (desk.data / KEPT).write_bytes(b"damaged")
    assert take([stick], desk, NOW) == Enrolled(stick.path, SAID)


def test_each_refusal_is_told_and_changes_nothing(
    desk: Desk, content: bytes, office: HeadOffice
) -> None:
    def reason(raw: bytes, desk: Desk = desk, days: int = 0) -> Reason:
        outcome = take([Stick(Path("e"), raw)], desk, NOW + timedelta(days=days))
        assert isinstance(outcome, NotTaken)
        assert str(outcome) == f"e: {outcome.why}"
        return outcome.reason

    other = sign(SAID.model_copy(update={"pc": "PC-NANTES-01"}), office.keys)
    changed = content.replace(b'"sig": "', b'"sig": "AAAA')
    assert reason(b"{}") is Reason.DAMAGED
    assert reason(changed) is Reason.NOT_SIGNED
    assert reason(content, days=91) is Reason.EXPIRED
    assert reason(other) is Reason.OTHER_PC
    assert reason(content, Desk(desk.data, desk.data / "root.json", "x")) is Reason.NO_ANCHOR
    assert not (desk.data / KEPT).exists()
    desk.data.write_text("a file where the folder should be")
    assert reason(content) is Reason.NOT_KEPT


def test_of_two_sticks_the_good_one_is_taken_and_an_old_one_changes_nothing(
    desk: Desk, content: bytes, office: HeadOffice
) -> None:
    later = SAID.model_copy(update={"issued": NOW + timedelta(days=1), "agency": "nantes"})
    new = Stick(Path("new"), sign(later, office.keys))
    old, bad = Stick(Path("old"), content), Stick(Path("bad"), b"{}")
    assert take([bad, new], desk, NOW) == Enrolled(new.path, later)
    outcome = take([old], desk, NOW)
    assert isinstance(outcome, NotTaken)
    assert outcome.reason is Reason.OLDER
    assert take([old, new], desk, NOW) == Known(new.path)
    assert not (desk.data / CA_FILE).exists()
