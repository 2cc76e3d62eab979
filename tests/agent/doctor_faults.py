"""One planted fault each: what it does to a healthy screen, and what the doctor must say."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ssl import SSLContext

from kiosk.agent.checks.case import Case
from kiosk.agent.status import FILE
from tests.agent.doctor_world import Clinic
from tests.crash.small_disk import PAGE, leave_free, memory
from tests.player.false_display import false_display
from tests.release import answers
from tests.release.faults import Call, Fault, SocketServer, closed_port, faulty, well
from tests.release.head_office import HeadOffice
from tests.release.proxy import proxying

Plant = Callable[[Clinic], AbstractContextManager[Case]]

MISSING_LIBRARY = """
import sys
from kiosk.player import preflight
preflight.LIBRARIES = (preflight.Library("libnowhere.so.7", "libnowhere7", "offscreen"),)
from kiosk.cli import main
sys.exit(main(["probe"]))
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault; the first step that must fail (or warn), and words of what is seen and advised."""

    plant: Plant
    step: str
    seen: str
    remedy: str
    warns: bool = False

    @property
    def name(self) -> str:
        """For the table."""
        return self.plant.__name__


@contextmanager
def the_port_is_none(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, central="http://kiosk.example:99999/site")


@contextmanager
def the_stick_was_refused(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, note="enrolment.json: the signature does not hold")


# -- the machine ----------------------------------------------------------------------------


@contextmanager
def qt_aborts(clinic: Clinic) -> Iterator[Case]:
    probe = (sys.executable, "-m", "kiosk", "probe")
    with false_display(hangs_up=True) as environ:
        yield replace(clinic.case, probe=probe, environ=environ)


@contextmanager
def a_library_is_missing(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, probe=(sys.executable, "-c", MISSING_LIBRARY))


@contextmanager
def no_display_answers(clinic: Clinic) -> Iterator[Case]:
    (clinic.case.data / FILE).unlink()
    yield replace(clinic.case, blind=False)


@contextmanager
def the_session_has_no_display(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, blind=False)


@contextmanager
def another_display_is_wanted(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, probe=clinic.probe_says("display", platform="xcb"), display="HDMI-9")


@contextmanager
def a_decoder_is_missing(clinic: Clinic) -> Iterator[Case]:
    said = clinic.probe_says("images", state="fail", seen="webp not a picture")
    yield replace(clinic.case, probe=said)


@contextmanager
def video_is_missing(clinic: Clinic) -> Iterator[Case]:
    said = clinic.probe_says("video", state="fail", seen="QtMultimedia cannot be loaded")
    yield replace(clinic.case, probe=said)


@contextmanager
def the_probe_is_gone(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, probe=(str(clinic.root / "kiosk.exe"),))


# -- the disk -------------------------------------------------------------------------------


@contextmanager
def the_disk_is_full(clinic: Clinic) -> Iterator[Case]:
    with memory(clinic.root / "small", 2**20) as disk:
        leave_free(disk, disk / "ballast", 2)
        yield replace(clinic.case, data=disk)


@contextmanager
def no_file_can_be_added(clinic: Clinic) -> Iterator[Case]:
    with memory(clinic.root / "small", 2**20) as disk:
        subprocess.run(["mount", "-o", "remount,nr_inodes=2", str(disk)], check=True)
        (disk / "ballast").touch()
        yield replace(clinic.case, data=disk)


@contextmanager
def the_disk_is_read_only(clinic: Clinic) -> Iterator[Case]:
    with memory(clinic.root / "small", 16 * PAGE) as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield replace(clinic.case, data=disk)


@contextmanager
def the_reserve_is_not_there(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, reserve_mb=1_000_000_000)


# -- the clock ------------------------------------------------------------------------------


@contextmanager
def the_clock_is_years_behind(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, now=lambda: clinic.now - timedelta(days=3000))


@contextmanager
def the_clock_is_behind_head_office(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, now=lambda: clinic.now - timedelta(hours=2))


def the_origin_has_another_year(clinic: Clinic) -> AbstractContextManager[Case]:
    return _it_is(clinic, datetime(2035, 7, 13, 10))


def the_origin_is_an_hour_away(clinic: Clinic) -> AbstractContextManager[Case]:
    return _it_is(clinic, clinic.now + timedelta(hours=1))


def the_origin_is_minutes_away(clinic: Clinic) -> AbstractContextManager[Case]:
    return _it_is(clinic, clinic.now - timedelta(minutes=6))


def _it_is(clinic: Clinic, then: datetime) -> AbstractContextManager[Case]:
    date = f"{then:%a, %d %b %Y %H:%M:%S} GMT"
    return _answering(clinic, lambda call: well(call, date=date))


# -- name server, proxy, TLS ----------------------------------------------------------------


@contextmanager
def the_name_is_unknown(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, central="https://kiosk.invalid/site")


@contextmanager
def the_proxy_has_no_name(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, proxy="http://proxy.invalid:3128")


@contextmanager
def the_proxy_is_off(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, proxy=f"http://127.0.0.1:{closed_port()}")


@contextmanager
def the_proxy_wants_a_password(clinic: Clinic) -> Iterator[Case]:
    with proxying("shop:Secret") as proxy:
        yield replace(clinic.case, proxy=f"http://shop:wrong@127.0.0.1:{proxy.port}")


@contextmanager
def the_proxy_wants_a_password_for_tls(clinic: Clinic) -> Iterator[Case]:
    with proxying("shop:Secret") as proxy, faulty(clinic.site, clinic.authority.server()) as server:
        central, named = server.url, f"http://127.0.0.1:{proxy.port}"
        yield replace(clinic.case, central=central, proxy=named)


@contextmanager
def nobody_knows_the_authority(clinic: Clinic) -> Iterator[Case]:
    with faulty(clinic.site, clinic.authority.server()) as server:
        yield replace(clinic.case, central=server.url)


def the_certificate_has_ended(clinic: Clinic) -> AbstractContextManager[Case]:
    return _certified(clinic, clinic.authority.server(ends=timedelta(days=-1)))


def the_certificate_is_anothers(clinic: Clinic) -> AbstractContextManager[Case]:
    return _certified(clinic, clinic.authority.server("127.0.0.9"))


@contextmanager
def _certified(clinic: Clinic, certificate: SSLContext) -> Iterator[Case]:
    with faulty(clinic.site, certificate) as server:
        yield replace(clinic.case, central=server.url, ca_file=clinic.authority.file)


@contextmanager
def the_ca_file_is_none(clinic: Clinic) -> Iterator[Case]:
    path = clinic.root / "ca.pem"
    path.write_text("no certificate")
    yield replace(clinic.case, ca_file=path)


@contextmanager
def the_ca_file_is_gone(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, ca_file=clinic.root / "gone.pem")


@contextmanager
def no_tls_is_spoken(clinic: Clinic) -> Iterator[Case]:
    server = SaysHttp()
    try:
        yield replace(clinic.case, central=f"https://127.0.0.1:{server.port}")
    finally:
        server.close()


class SaysHttp(SocketServer):
    """An error page to whoever connects."""

    def handle(self, connection: socket.socket) -> None:
        """As SocketServer."""
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


# -- the origin -----------------------------------------------------------------------------


@contextmanager
def the_server_is_off(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, central=f"http://127.0.0.1:{closed_port()}")


@contextmanager
def the_folder_is_another(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, central=f"{clinic.case.central}/nowhere")


def a_portal_answers(clinic: Clinic) -> AbstractContextManager[Case]:
    return _answering(clinic, answers.portal_page)


def a_portal_redirects(clinic: Clinic) -> AbstractContextManager[Case]:
    return _answering(clinic, answers.portal_redirect)


def missing_files_have_a_page(clinic: Clinic) -> AbstractContextManager[Case]:
    return _answering(clinic, answers.page_for_missing)


def missing_files_have_bytes(clinic: Clinic) -> AbstractContextManager[Case]:
    def something(call: Call) -> None:
        if call.content is not None:
            well(call)
            return
        call.head("200 OK", content_length=2)
        call.body(b"ok")

    return _answering(clinic, something)


@contextmanager
def _answering(clinic: Clinic, fault: Fault) -> Iterator[Case]:
    """The origin answers each call so."""
    with faulty(clinic.site) as server:
        server.fault = fault
        yield replace(clinic.case, central=server.url)


# -- what is signed -------------------------------------------------------------------------


@contextmanager
def nobody_signed_for_weeks(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, now=lambda: clinic.now + timedelta(days=20))


@contextmanager
def signatures_end_soon(clinic: Clinic) -> Iterator[Case]:
    later = clinic.now + timedelta(days=12)
    clinic.status(written=later, last_frame=later)
    yield replace(clinic.case, now=lambda: later)


@contextmanager
def the_anchor_is_anothers(clinic: Clinic) -> Iterator[Case]:
    other = HeadOffice(clinic.root / "other", clinic.now)
    path = clinic.root / "other.json"
    path.write_bytes(other.anchor)
    yield replace(clinic.case, root=path, data=clinic.root / "fresh")


@contextmanager
def the_anchor_is_gone(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, root=clinic.root / "gone.json")


@contextmanager
def the_anchor_is_nothing(clinic: Clinic) -> Iterator[Case]:
    path = clinic.root / "empty.json"
    path.write_text("{}")
    yield replace(clinic.case, root=path)


# -- what the screen has --------------------------------------------------------------------


@contextmanager
def nobody_knows_the_agency(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, agency="lyon")


@contextmanager
def nobody_knows_the_screen(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, screen="porte")


@contextmanager
def it_was_never_synced(clinic: Clinic) -> Iterator[Case]:
    yield replace(clinic.case, data=clinic.root / "fresh")


@contextmanager
def a_picture_is_damaged(clinic: Clinic) -> Iterator[Case]:
    path = clinic.picture()
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    yield clinic.case


@contextmanager
def a_picture_is_gone(clinic: Clinic) -> Iterator[Case]:
    clinic.picture().unlink()
    yield clinic.case


@contextmanager
def head_office_was_heard_long_ago(clinic: Clinic) -> Iterator[Case]:
    clinic.heard(clinic.now - timedelta(days=200))
    yield clinic.case


@contextmanager
def the_supervisor_is_gone(clinic: Clinic) -> Iterator[Case]:
    clinic.status(written=clinic.now - timedelta(hours=2))
    yield clinic.case


@contextmanager
def no_frame_comes(clinic: Clinic) -> Iterator[Case]:
    clinic.status(last_frame=clinic.now - timedelta(minutes=4))
    yield clinic.case


@contextmanager
def the_status_is_cut_off(clinic: Clinic) -> Iterator[Case]:
    (clinic.case.data / FILE).write_text(json.dumps({"state": "on air"})[:-3])
    yield clinic.case


MACHINE = (
    Planted(qt_aborts, "display", "signal SIGABRT: This application failed", "graphics driver"),
    Planted(a_library_is_missing, "display", "libnowhere.so.7", "sudo apt-get install"),
    Planted(no_display_answers, "display", "no display server answers", "connected"),
    Planted(the_session_has_no_display, "display", "on air in another", "session", warns=True),
    Planted(another_display_is_wanted, "display", "'HDMI-9' is not connected", "`display`"),
    Planted(the_probe_is_gone, "display", "cannot be started", "Install"),
    Planted(a_decoder_is_missing, "images", "webp not a picture", "Install"),
    Planted(video_is_missing, "video", "QtMultimedia", "libxrandr2", warns=True),
)
SMALL_DISKS = (
    Planted(the_disk_is_full, "disk", "the disk is full", "Make room"),
    Planted(no_file_can_be_added, "disk", "inodes", "needless small files"),
    Planted(the_disk_is_read_only, "disk", "read-only", "for writing"),
)
OTHERS = (
    Planted(the_port_is_none, "settings", "Port out of range", "`central`"),
    Planted(the_stick_was_refused, "settings", "does not hold", "enrolment stick", warns=True),
    Planted(the_reserve_is_not_there, "disk", "are to stay free", "`disk_reserve_mb`"),
    Planted(the_clock_is_years_behind, "clock", "before this program was made", "w32tm"),
    Planted(the_clock_is_behind_head_office, "clock", "head office has signed", "timedatectl"),
    Planted(the_origin_has_another_year, "clock", "days apart", "Set this PC's clock"),
    Planted(the_origin_is_an_hour_away, "clock", "60 minutes apart", "Set this PC's clock"),
    Planted(the_origin_is_minutes_away, "clock", "6 minutes apart", "Set", warns=True),
    Planted(the_name_is_unknown, "dns", "kiosk.invalid is unknown", "`central`"),
    Planted(the_proxy_has_no_name, "dns", "proxy.invalid is unknown", "`proxy`"),
    Planted(the_proxy_is_off, "proxy", "cannot be reached", "Correct `proxy`"),
    Planted(the_proxy_wants_a_password, "proxy", "answers 407", "NAME:PASSWORD"),
    Planted(the_proxy_wants_a_password_for_tls, "proxy", "answers 407", "NAME:PASSWORD"),
    Planted(nobody_knows_the_authority, "tls", "signed by Siege CA", "`ca_file`"),
    Planted(the_certificate_has_ended, "tls", "has expired", "renewed"),
    Planted(the_certificate_is_anothers, "tls", "for another host", "`central`"),
    Planted(the_ca_file_is_none, "tls", "no certificate in PEM", "`ca_file`"),
    Planted(the_ca_file_is_gone, "tls", "cannot be read", "`ca_file`"),
    Planted(no_tls_is_spoken, "tls", "no secure connection", "TLS"),
    Planted(the_server_is_off, "origin", "connection was refused", "web server"),
    Planted(the_folder_is_another, "origin", "no metadata/timestamp.json", "`central`"),
    Planted(a_portal_answers, "origin", "captive portal", "Sign this PC in"),
    Planted(a_portal_redirects, "origin", "is redirected to 127.0.0.1", "Sign this PC in"),
    Planted(missing_files_have_a_page, "origin", "a web page", "answer 404", warns=True),
    Planted(missing_files_have_bytes, "origin", "other bytes", "answer 404"),
    Planted(nobody_signed_for_weeks, "metadata", "expired", "kiosk publish --refresh"),
    Planted(signatures_end_soon, "metadata", "end soon", "kiosk publish --refresh", warns=True),
    Planted(the_anchor_is_anothers, "metadata", "the signatures do not hold", "root.json"),
    Planted(the_anchor_is_gone, "metadata", "cannot be read", "root.json"),
    Planted(the_anchor_is_nothing, "metadata", "no root.json", "root.json"),
    Planted(nobody_knows_the_agency, "agency", "lyon is not on the site", "`agency: lyon`"),
    Planted(nobody_knows_the_screen, "agency", "no screen 'porte'; it has vitrine", "`screen`"),
    Planted(it_was_never_synced, "release", "no release", "kiosk sync"),
    Planted(a_picture_is_damaged, "release", "media/portraits/am1.svg", "kiosk sync"),
    Planted(a_picture_is_gone, "release", "media/portraits/am1.svg", "kiosk sync"),
    Planted(head_office_was_heard_long_ago, "release", "200 days ago", "kiosk run"),
    Planted(the_supervisor_is_gone, "supervisor", "2 hours ago", "Start kiosk run"),
    Planted(no_frame_comes, "supervisor", "the last frame was 4 minutes", "kiosk.log"),
    Planted(the_status_is_cut_off, "supervisor", "cannot be read", "Delete that file"),
)
