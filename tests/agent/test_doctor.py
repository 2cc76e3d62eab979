"""`kiosk doctor`: a healthy screen passes, and each planted fault is named with its remedy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.agent import doctor
from kiosk.agent.checks.probed import run_probe
from kiosk.agent.doctor import Step
from kiosk.door.loopback import served
from tests.agent.doctor_faults import MACHINE, OTHERS, SMALL_DISKS, Planted
from tests.agent.doctor_world import Clinic, Screen
from tests.crash.small_disk import obstacle_to_memory
from tests.places import ROOT
from tests.player.display import needs_xvfb, xvfb
from tests.release import answers
from tests.release.authority import Authority
from tests.release.faults import faulty
from tests.release.proxy import proxying

NAMES = [
    *("settings", "display", "renderer", "fonts", "images", "video", "codes", "disk", "clock"),
    *("dns", "proxy", "tls", "origin", "metadata", "agency", "release", "supervisor"),
]


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Screen:
    """A screen that has release 1."""
    return Screen.synced(tmp_path_factory.mktemp("screen"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that the operating system does not know."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the real probe says here, once for all tests that are not about it."""
    path = tmp_path_factory.mktemp("probe") / "said.json"
    command = [sys.executable, "-m", "kiosk", "probe"]
    path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    return path


@pytest.fixture(scope="module")
def central(screen: Screen) -> Iterator[str]:
    """The site's address."""
    with faulty(screen.office.tree) as server:
        yield server.url


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine says of proxies, certificates and a kiosk is none of a test's business."""
    for name in [n for n in os.environ if n.lower().endswith("_proxy") or n.startswith("KIOSK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def clinic(
    tmp_path: Path, screen: Screen, central: str, said: Path, authority: Authority
) -> Clinic:
    """A healthy screen of one's own."""
    return screen.clinic(tmp_path, central, said, authority)


def steps_of(case: doctor.Case) -> dict[str, Step]:
    """Every step by its name, in order."""
    found = list(doctor.examine(case))
    assert [step.name for step in found] == NAMES
    return {step.name: step for step in found}


def states(steps: Mapping[str, Step], *wanted: str) -> dict[str, str]:
    """The steps of these states."""
    return {name: step.state for name, step in steps.items() if step.state in wanted}


def test_a_healthy_screen_passes(clinic: Clinic) -> None:
    steps = steps_of(clinic.case)
    # Qt runs offscreen in these tests, and http has no certificate.
    assert states(steps, "warn", "fail", "skipped") == {"display": "warn", "tls": "skipped"}
    assert doctor.verdict(list(steps.values())) == "Well, with a warning of display."


@pytest.mark.parametrize("planted", [*MACHINE, *OTHERS], ids=lambda planted: planted.name)
def test_a_planted_fault_is_named(clinic: Clinic, planted: Planted) -> None:
    with planted.plant(clinic) as case:
        steps = steps_of(case)
    assert_named(steps, planted)


@pytest.mark.parametrize("planted", SMALL_DISKS, ids=lambda planted: planted.name)
def test_a_disk_that_takes_nothing_is_named(
    clinic: Clinic, planted: Planted, tmp_path: Path
) -> None:
    obstacle = obstacle_to_memory(tmp_path)
    if obstacle:
        pytest.skip(obstacle)
    with planted.plant(clinic) as case:
        steps = steps_of(case)
    assert_named(steps, planted)


def assert_named(steps: Mapping[str, Step], planted: Planted) -> None:
    """The right step is the first to fail, with what was seen and what to do."""
    step = steps[planted.step]
    assert step.state == ("warn" if planted.warns else "fail"), step
    assert planted.seen in step.seen
    assert planted.remedy in step.remedy
    first = next((name for name, one in steps.items() if one.state == "fail"), None)
    assert first == (None if planted.warns else planted.step)
    assert planted.step in doctor.verdict(list(steps.values()))
    for one in steps.values():
        assert bool(one.remedy) == (one.state in ("warn", "fail")), one
        assert all(len(line) <= 100 for line in doctor.lines(one).splitlines())


def test_what_needs_a_failed_step_is_skipped_and_all_else_is_tried(clinic: Clinic) -> None:
    case = replace(clinic.case, central="https://kiosk.invalid/site")
    steps = steps_of(case)
    for name in ("proxy", "tls", "origin", "metadata"):
        assert steps[name].state == "skipped"
        assert steps[name].seen == "because dns failed"
    assert states(steps, "pass").keys() >= {"disk", "agency", "release", "supervisor"}


VIDEO_KILLS = """
import os, sys
from kiosk.player import clips
clips.video = os.abort
from kiosk.cli import main
sys.exit(main(["probe", "--progress"]))
"""


def test_a_part_of_the_probe_that_kills_it_is_named(clinic: Clinic) -> None:
    probe = (sys.executable, "-c", VIDEO_KILLS)
    steps = steps_of(replace(clinic.case, probe=probe, environ=os.environ))
    assert "SIGABRT" in steps["video"].seen
    assert steps["images"].seen == "jpg, png, webp, svg decoded"
    assert steps["codes"].seen == "because the probe ended in video"
    assert states(steps, "fail") == {}, "no scene of today needs video"


def test_a_probe_that_hangs_is_killed_and_named() -> None:
    hangs = "import sys, time; print('probe: fonts', file=sys.stderr, flush=True); time.sleep(60)"
    probed = run_probe((sys.executable, "-c", hangs), os.environ, 2.0)
    assert (probed.died_in, probed.how) == (
        "fonts",
        "the probe did not end within 2 s and was killed",
    )


def test_an_origin_that_never_answers_ends_in_time(clinic: Clinic) -> None:
    with faulty(clinic.site) as server:
        server.fault = answers.black_hole
        began = time.monotonic()
        steps = steps_of(replace(clinic.case, central=server.url))
        assert time.monotonic() - began < 40
    assert states(steps, "fail") == {"origin": "fail"}
    assert steps["metadata"].seen == "because origin failed"


def test_a_proxy_and_a_corporate_authority_are_told(
    clinic: Clinic, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty(clinic.site, authority.server()) as server, proxying("shop:S3cr t") as proxy:
        named = f"http://shop:S3cr%20t@127.0.0.1:{proxy.port}"
        case = replace(
            clinic.case,
            central=server.url,
            proxy=named,
            origins={"proxy": "kiosk.yaml:3"},
            ca_file=authority.file,
        )
        steps = steps_of(case)
        assert states(steps, "fail", "skipped") == {}
        assert "`proxy` in kiosk.yaml:3" in steps["proxy"].seen
        assert "S3cr" not in doctor.plain("0", list(steps.values()))
        assert "signed by Siege CA (known from ca.pem)" in steps["tls"].seen
        # OpenSSL's own name for the system's store.
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        monkeypatch.setenv("https_proxy", named)
        steps = steps_of(replace(case, ca_file=None, proxy=None))
        assert "(a corporate authority in this PC's own store)" in steps["tls"].seen
        assert "named by the system" in steps["proxy"].seen
        module = "kiosk.agent.checks.certificate.DEFAULT_CA_BUNDLE_PATH"
        monkeypatch.setattr(module, str(authority.file))
        steps = steps_of(replace(case, ca_file=None))
        assert "signed by Siege CA (a public authority)" in steps["tls"].seen


def test_a_check_that_breaks_hides_no_other(clinic: Clinic) -> None:
    steps = steps_of(replace(clinic.case, now=lambda: datetime(2026, 11, 20)))  # of no time zone
    assert steps["clock"].seen.startswith("the check itself broke: TypeError: can't compare")
    assert steps["clock"].state == "fail"
    assert states(steps, "pass").keys() >= {"settings", "disk", "dns", "origin"}


def test_a_disk_that_hangs_ends_it_in_time(clinic: Clinic) -> None:
    """A pipe with nobody at its other end hangs whoever opens it, as a lost network disk does."""
    status = clinic.case.data / "status.json"
    status.unlink()
    os.mkfifo(status)
    began = time.monotonic()
    steps = steps_of(clinic.case)
    assert time.monotonic() - began < 40
    assert steps["supervisor"].seen == "it did not end within 22 s"
    status.unlink()


def test_a_site_on_a_stick_needs_no_network(clinic: Clinic) -> None:
    steps = steps_of(replace(clinic.case, central=clinic.site.as_uri()))
    assert states(steps, "skipped").keys() == {"dns", "proxy", "tls"}
    assert states(steps, "fail") == {}


def test_nothing_is_changed(clinic: Clinic) -> None:
    clinic.picture().write_bytes(b"damaged")
    before = tree(clinic.case.data)
    steps_of(replace(clinic.case, now=lambda: datetime.now(UTC) + timedelta(days=20)))
    assert tree(clinic.case.data) == before
    fresh = clinic.root / "fresh"
    fresh.mkdir()
    assert steps_of(replace(clinic.case, data=fresh))["metadata"].state == "pass"
    assert list(fresh.iterdir()) == []


def tree(folder: Path) -> dict[str, bytes]:
    """Every file and what is in it."""
    return {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


# -- the command ----------------------------------------------------------------------------


def told(*words: str, cwd: Path, environ: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """The exit code and the object that `kiosk doctor --json` prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "kiosk", "doctor", "--json", *words],
        cwd=cwd,
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.returncode, json.loads(ran.stdout)


@needs_xvfb
def test_the_command_passes_on_a_real_display(clinic: Clinic, screen: Screen) -> None:
    case = clinic.case
    with served(screen.office.tree) as central, xvfb(1080, 1920) as environ:
        settings = f"central: {central}\nagency: le-mans\ndata: {case.data}\ndisk_reserve_mb: 1\n"
        (clinic.root / "kiosk.yaml").write_text(settings)
        clinic.status()
        code, answer = told(cwd=clinic.root, environ=environ)
    by_name = {step["name"]: step for step in answer["steps"]}
    assert {n: s["state"] for n, s in by_name.items() if s["state"] != "pass"} == {"tls": "skipped"}
    assert (code, answer["ok"]) == (0, True)
    assert "1080x1920" in by_name["display"]["seen"]
    assert "the origin says" in by_name["clock"]["seen"]


def test_no_settings_are_named(tmp_path: Path) -> None:
    code, answer = told("--data", str(tmp_path / "data"), cwd=tmp_path, environ=os.environ)
    first = answer["steps"][0]
    assert (code, answer["ok"], first["name"], first["state"]) == (1, False, "settings", "fail")
    assert first["seen"] == "no kiosk.yaml: central and agency not set"
    assert "`central`, `agency`" in first["remedy"]
    assert not (tmp_path / "data").exists()


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "kiosk.yaml").write_text("agenci: le-mans\n")
    code, answer = told("--data", str(tmp_path / "data"), cwd=tmp_path, environ=os.environ)
    first = answer["steps"][0]
    assert (code, first["state"]) == (1, "fail")
    assert "kiosk.yaml:1:1" in first["seen"]
    assert "agenci" in first["seen"]
    assert answer["steps"][9]["seen"] == "because settings failed"
