"""What Qt needs of the system, tried for real: servers that listen, libraries that do not load."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.player import preflight
from kiosk.player.preflight import Library

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has to be asked")

C = Library("libc.so.6", "libc6", "offscreen")
NOWHERE = Library("libnowhere.so.7", "libnowhere7", "offscreen")
NOT_HERE = Library("libnot-here.so.1", "libnot-here1", "screen")


@contextmanager
def listening(place: str) -> Iterator[None]:
    """Stand for a display server: a local socket with someone behind it."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        server.listen()
        yield


def test_only_a_library_that_does_not_load_is_absent() -> None:
    assert preflight.absent([C, NOWHERE]) == (NOWHERE,)


def test_a_screen_needs_all_that_offscreen_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "LIBRARIES", (C, NOWHERE, NOT_HERE))
    assert preflight.missing("offscreen") == (NOWHERE,)
    assert preflight.missing("screen") == (NOWHERE, NOT_HERE)


def test_the_table_knows_all_that_the_wheel_links() -> None:
    wheel = pytest.importorskip("PySide6").__path__[0]
    plugins = Path(wheel, "Qt", "plugins")
    names = ["platforms/libqoffscreen", "platforms/libqxcb", "platforms/libqwayland"]
    names += ["xcbglintegrations/libqxcb-egl-integration", "multimedia/libffmpegmediaplugin"]
    names += ["xcbglintegrations/libqxcb-glx-integration", "imageformats/libqsvg"]
    names += ["wayland-graphics-integration-client/libqt-plugin-wayland-egl"]
    files = [str(plugins / f"{name}.so") for name in names]
    linked = subprocess.run(["ldd", *files], capture_output=True, text=True, check=True).stdout
    assert ("not found" in linked) == bool(preflight.missing("screen")), linked


def test_it_runs_before_anything_is_installed() -> None:
    bare = [sys.executable, "-I", "-S", preflight.__file__]
    assert subprocess.run(bare, capture_output=True, check=False).returncode == 0


def test_an_x_server_that_listens_is_a_display(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "X_SOCKETS", str(tmp_path))
    with listening(str(tmp_path / "X7")):
        for display in (":7", ":7.0", "unix:7"):
            assert preflight.display_available({"DISPLAY": display})
        assert not preflight.display_available({"DISPLAY": ":8"})
    assert (tmp_path / "X7").exists()
    assert not preflight.display_available({"DISPLAY": ":7"}), "it left its socket and went"


def test_an_x_server_with_an_abstract_name_only_is_a_display(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "X_SOCKETS", str(tmp_path))
    with listening(f"\0{tmp_path}/X7"):
        assert preflight.display_available({"DISPLAY": ":7"})


def test_an_x_server_across_the_network_is_a_display() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000
        for host in ("127.0.0.1", "tcp/127.0.0.1"):
            assert preflight.display_available({"DISPLAY": f"{host}:{number}.0"})
    assert not preflight.display_available({"DISPLAY": f"127.0.0.1:{number}.0"})


def test_a_wayland_server_that_listens_is_a_display(tmp_path: Path) -> None:
    environ = {"WAYLAND_DISPLAY": "wayland-3", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert not preflight.display_available(environ)
    with listening(str(tmp_path / "wayland-3")):
        assert preflight.display_available(environ)
        assert preflight.display_available({"WAYLAND_DISPLAY": str(tmp_path / "wayland-3")})


@pytest.mark.parametrize(
    "display", ["", ":", "7", ":seven", "a" * 70 + ".:7", "127.0.0.1:99999", ":7" + "0" * 200]
)
def test_what_names_no_display_is_none(display: str) -> None:
    assert not preflight.display_available({"DISPLAY": display})


def test_the_display_wanted_is_the_one_qt_would_choose(tmp_path: Path) -> None:
    here = {"WAYLAND_DISPLAY": str(tmp_path / "w")}
    assert preflight.display_wanted(here) == "offscreen"
    with listening(str(tmp_path / "w")):
        assert preflight.display_wanted(here) == "screen"
        assert preflight.display_wanted({**here, "QT_QPA_PLATFORM": "wayland"}) == "screen"
        for platform in ("offscreen", "minimal", "linuxfb:fb=/dev/fb0"):
            assert preflight.display_wanted({**here, "QT_QPA_PLATFORM": platform}) == "offscreen"


def test_the_line_to_type_names_each_package_once() -> None:
    line = preflight.apt_line([NOWHERE, NOT_HERE, NOWHERE])
    assert line == "sudo apt-get install --no-install-recommends libnot-here1 libnowhere7"


def test_the_advice_names_each_library_and_the_line() -> None:
    assert preflight.advice([NOT_HERE, NOWHERE]).splitlines() == [
        "Shared libraries missing on this system: 2",
        "  libnot-here.so.1  Debian package libnot-here1",
        "  libnowhere.so.7   Debian package libnowhere7",
        "To install them:",
        "  sudo apt-get install --no-install-recommends libnot-here1 libnowhere7",
    ]
