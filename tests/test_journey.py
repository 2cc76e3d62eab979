"""The whole journey by the README's commands: publish, nginx, two screens, one changed word."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.door.refusal import EX_IOERR, EX_NOPERM, EX_PROBLEMS, EX_PROTOCOL, EX_TEMPFAIL, EX_USAGE
from tests.places import DEMONSTRATION, ROOT

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
PASSPHRASES = "one horse two carts\nthree hens four eggs\nfive oaks six owls\n"


@pytest.fixture(scope="module")
def first_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Head office's desk: keys, a campaign of its own, published once to the folder `site`."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "words").write_text(PASSPHRASES)
    shutil.copytree(DEMONSTRATION, desk / "campaign")
    kiosk(desk, "keys", "init", "keys", "--passphrase-file", "words")
    said = publish(desk)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("release 1 is at site")
    return desk


@pytest.fixture
def desk(tmp_path: Path, first_desk: Path) -> Path:
    """A desk of the test's own."""
    return Path(shutil.copytree(first_desk, tmp_path / "desk"))


def kiosk(desk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command, as a person types it in the folder `desk`."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KIOSK_")}
    environment = {**clean, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *words],
        cwd=desk,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def publish(desk: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Publish the desk's campaign."""
    return kiosk(
        desk, "publish", "campaign", "--to", "site", "--keys", "keys", "--cache", "cache", *more
    )


def screen(desk: Path, agency: str, central: str) -> subprocess.CompletedProcess[str]:
    """One poll of an agency's screen."""
    root = str(desk / "keys" / "root.json")
    return kiosk(
        desk, "sync", "--central", central, "--agency", agency, "--root", root, "--data", agency
    )


def change(desk: Path, old: str, new: str) -> None:
    """Change words of the campaign."""
    path = desk / "campaign" / "campaign.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def nginx(desk: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The site behind nginx with the README's settings; its address and its log."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = (ROOT / "docs" / "nginx.conf").read_text("utf-8")
    text = text.replace("8080", str(port)).replace("/srv/o2-kiosk", str(desk / "site"))
    if os.geteuid() == 0:
        text = f"user root;\n{text}"
    (tmp_path / "nginx.conf").write_text(text)
    command = [NGINX, "-p", str(tmp_path), "-c", "nginx.conf", "-e", "stderr"]
    server = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.PIPE)
    while True:
        assert server.poll() is None, server.stderr and server.stderr.read().decode()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}", tmp_path / "access.log"
    server.terminate()
    server.communicate(timeout=20)


def test_a_changed_quote_is_on_the_right_screen_within_one_poll(
    desk: Path, nginx: tuple[str, Path]
) -> None:
    central, log = nginx
    change(
        desk,
        "    link: booking\n    rights: {ref: ILLUSTRATION-01",
        "    link: booking\n    agencies: [le-mans]\n    rights: {ref: ILLUSTRATION-01",
    )
    assert publish(desk).returncode == 0
    for agency in ("le-mans", "nantes"):
        said = screen(desk, agency, central)
        assert said.returncode == 0, said.stderr
        assert said.stdout.startswith("updated: release 2 is here")
        assert screen(desk, agency, central).stdout == "unchanged: release 2 is the newest\n"
    asked = log.read_text()
    by_nantes = asked.split("agency-nantes")[1]
    assert "claire.svg" in asked
    assert "claire.svg" not in by_nantes
    assert "le-mans" not in by_nantes
    change(desk, "Dix ans dans la même famille : la", "Onze ans dans la même famille : la")
    assert "campaign/campaign.yaml" in publish(desk).stdout
    assert screen(desk, "le-mans", central).stdout.startswith("updated: release 3 is here (2 files")
    objects = (desk / "le-mans" / "objects").glob("*/*")
    assert any(b"Onze ans" in file.read_bytes() for file in objects)


def test_the_screen_plays_what_was_signed_with_no_network(desk: Path) -> None:
    central = (desk / "site").as_uri()
    assert screen(desk, "annecy", central).returncode == 0
    said = kiosk(desk, "play", "--always-lit", "--data", "annecy", "--pictures", "album")
    assert said.returncode == 0, said.stderr
    assert len(list((desk / "album").glob("*.png"))) >= 8
    assert "standby" not in said.stdout


def test_refresh_and_rollback(desk: Path) -> None:
    central = (desk / "site").as_uri()
    change(desk, "Dix ans dans la même famille : la", "Onze ans dans la même famille : la")
    assert publish(desk).returncode == 0
    assert screen(desk, "le-mans", central).returncode == 0
    arguments = ["--to", "site", "--keys", "keys"]
    said = kiosk(desk, "publish", "--refresh", *arguments)
    assert said.returncode == 0, said.stderr
    assert "signatures at site were renewed" in said.stdout
    assert screen(desk, "le-mans", central).stdout.startswith("unchanged")
    said = kiosk(desk, "publish", "--rollback", "1", *arguments)
    assert said.returncode == 0, said.stderr
    assert screen(desk, "le-mans", central).stdout.startswith("updated")
    refused = kiosk(desk, "publish", "--rollback", "99", *arguments)
    assert refused.returncode == EX_IOERR
    assert "no earlier release 99" in refused.stderr


def test_the_releases_are_listed_and_a_slip_in_the_address_is_noticed(desk: Path) -> None:
    said = kiosk(desk, "publish", "--list", "--to", "site", "--keys", "keys")
    assert said.returncode == 0, said.stderr
    first = said.stdout.splitlines()[-1]
    assert first.startswith("release 1")
    assert "files" in first
    arguments = ["publish", "campaign", "--to", "sit", "--keys", "keys", "--cache", "cache"]
    slip = kiosk(desk, *arguments)
    assert slip.returncode == EX_USAGE
    assert "is the address right?" in slip.stderr
    assert not (desk / "sit" / "metadata").exists()
    meant = kiosk(desk, *arguments, "--new-site")
    assert meant.returncode == 0, meant.stderr
    assert "  new      agencies/annecy.yaml" in meant.stdout


def test_what_would_be_wrong_on_a_screen_is_not_published(desk: Path) -> None:
    own = desk / "other"
    shutil.copytree(DEMONSTRATION, own)
    text = (own / "campaign.yaml").read_text("utf-8")
    long = "la confiance, ça se construit incontestablement, " * 3
    (own / "campaign.yaml").write_text(
        text.replace("la confiance, ça se construit.", f"{long}anticonstitutionnellement."), "utf-8"
    )
    site = {p.name: p.read_bytes() for p in (desk / "site" / "metadata").iterdir()}
    arguments = ["--to", "site", "--keys", "keys", "--cache", "cache"]
    said = kiosk(desk, "publish", "other", *arguments)
    assert said.returncode == EX_PROBLEMS, said.stdout + said.stderr
    assert "nothing was published" in said.stderr
    assert "other/campaign.yaml:" in said.stderr
    assert "error [text-long]" in said.stderr
    (own / "campaign.yaml").write_text(text, "utf-8")
    (own / "portraits" / "claire.svg").unlink()
    said = kiosk(desk, "publish", "other", *arguments)
    assert said.returncode != 0
    assert "portraits/claire.svg" in said.stderr
    assert {p.name: p.read_bytes() for p in (desk / "site" / "metadata").iterdir()} == site


def test_exit_codes_tell_why(desk: Path, tmp_path: Path) -> None:
    assert screen(desk, "annecy", (desk / "site").as_uri()).returncode == 0
    nobody = screen(desk, "annecy", "http://127.0.0.1:9")
    assert nobody.returncode == EX_TEMPFAIL
    assert nobody.stdout.startswith("unreachable: ")
    assert "plays on, fresh: head office was last heard 0 h ago)" in nobody.stdout
    assert nobody.stdout.count("\n") == 1
    strange = screen(desk, "lyon", (desk / "site").as_uri())
    assert strange.returncode == EX_PROTOCOL
    assert "agency: lyon" in strange.stdout
    locked = kiosk(desk, "keys", "rotate", "timestamp", "--to", "site", "--keys", "keys")
    assert locked.returncode == EX_NOPERM
    assert "two root keys have to agree" in locked.stderr
    keyless = kiosk(desk, "publish", "--refresh", "--to", "site", "--keys", str(tmp_path))
    assert keyless.returncode == EX_NOPERM
    assert "kiosk keys init" in keyless.stderr


def test_keys_are_rotated_by_command(desk: Path) -> None:
    (desk / "two").write_text("one horse two carts\nfive oaks six owls\n")
    roots = ["--root", "keys/root-1.pem", "--root", "keys/root-3.pem"]
    arguments = ["--to", "site", "--keys", "keys", "--passphrase-file", "two", *roots]
    said = kiosk(desk, "keys", "rotate", "daily", *arguments)
    assert said.returncode == 0, said.stderr
    assert "the site's root is version 2" in said.stdout
    polled = screen(desk, "nantes", (desk / "site").as_uri())
    assert polled.returncode == 0, polled.stdout
    wrong = [*arguments[:4], "--passphrase-file", "words", *roots]
    refused = kiosk(desk, "keys", "rotate", "daily", *wrong)
    assert refused.returncode == EX_NOPERM
    assert "is the passphrase right?" in refused.stderr


def test_one_command_does_it_all_and_leaves_nothing_behind(
    tmp_path: Path, first_desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(first_desk / "cache", tmp_path / "cache" / "o2-kiosk")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = kiosk(tmp_path, "demonstrate", str(DEMONSTRATION), "--agency", "annecy")
    assert said.returncode == 0, said.stdout + said.stderr
    steps = [line.split()[2] for line in said.stdout.splitlines() if line.startswith("$ kiosk")]
    assert steps == ["keys", "publish", "sync", "play"]
    assert len(list((tmp_path / "kiosk-pictures").glob("*.png"))) >= 8
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "kiosk-pictures"]


def test_ended_from_outside_it_takes_the_player_with_it(
    tmp_path: Path, first_desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(first_desk / "cache", tmp_path / "cache" / "o2-kiosk")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    words = ["demonstrate", str(DEMONSTRATION), "--agency", "annecy"]
    running = subprocess.Popen(
        [sys.executable, "-m", "kiosk", *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("No display"):
            break
    running.terminate()
    assert running.wait(60) == 128 + signal.SIGTERM
    # The pipe ends only when the player has let go of it too.
    running.stdout.read()
    running.stdout.close()
    assert not list(tmp_path.glob("kiosk-??????*/data"))
