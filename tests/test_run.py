"""The door: when it sets up again, which command it becomes, what it asks the system for."""

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]
on_posix = pytest.mark.skipif(os.name == "nt", reason="a program of sh stands for kiosk")


@pytest.fixture(scope="module")
def run() -> ModuleType:
    """Load the script, which has no .py at its end."""
    module = ModuleType("run")
    module.__file__ = str(ROOT / "run")
    SourceFileLoader("run", str(ROOT / "run")).exec_module(module)
    return module


def program(path: str, text: str = "#!/bin/sh\n") -> None:
    """Write a program."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, "utf-8")
    Path(path).chmod(0o755)


@pytest.fixture
def whole(tmp_path: Path, run: ModuleType) -> Path:
    """Make a folder where the set-up was done to its end."""
    root = tmp_path / "here"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n", "utf-8")
    for name in ("python", "kiosk"):
        program(run.tool(name, root))
    (root / run.STAMP).write_text("\n".join(run.stamp(root)), "utf-8")
    return root


def test_a_new_folder_needs_everything(tmp_path: Path, run: ModuleType) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert run.work(tmp_path) == "everything"


def test_a_whole_set_up_is_left_alone(whole: Path, run: ModuleType) -> None:
    before = sorted(whole.rglob("*"))
    assert run.work(whole) == "nothing"
    run.set_up(whole)
    assert sorted(whole.rglob("*")) == before


def test_a_changed_project_needs_its_packages_again(whole: Path, run: ModuleType) -> None:
    (whole / "pyproject.toml").write_text("[project]\nname = 'other'\n", "utf-8")
    assert run.work(whole) == "packages"


@pytest.mark.parametrize("stamp", ["", "setup 1", "\udcff", None])
def test_an_interrupted_set_up_is_done_again(
    whole: Path, run: ModuleType, stamp: str | None
) -> None:
    (whole / run.STAMP).unlink()
    if stamp is not None:
        (whole / run.STAMP).write_text(stamp, "utf-8", "surrogateescape")
    assert run.work(whole) == "everything"


def test_a_moved_folder_is_set_up_again(whole: Path, run: ModuleType) -> None:
    assert run.work(whole.rename(whole.with_name("there"))) == "everything"


@pytest.mark.parametrize("name", ["python", "kiosk"])
def test_a_program_that_is_gone_is_noticed(whole: Path, run: ModuleType, name: str) -> None:
    Path(run.tool(name, whole)).unlink()
    assert run.work(whole) == "everything"


@on_posix
def test_a_python_that_was_removed_is_noticed(whole: Path, run: ModuleType) -> None:
    python = Path(run.tool("python", whole))
    python.unlink()
    python.symlink_to(whole / "removed")
    assert run.work(whole) == "everything"


@pytest.mark.parametrize("part", ["SETUP_VERSION", "sys"])
def test_another_python_or_set_up_needs_everything(
    whole: Path, run: ModuleType, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    newer = SimpleNamespace(version="3.99.0 (main)", base_prefix=sys.base_prefix)
    monkeypatch.setattr(run, part, 99 if part == "SETUP_VERSION" else newer)
    assert run.work(whole) == "everything"


def test_a_failed_set_up_shows_why_and_leaves_no_stamp(
    tmp_path: Path, run: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("this is no TOML", "utf-8")
    with pytest.raises(SystemExit, match="1"):
        run.set_up(tmp_path)
    said = capfd.readouterr().err
    log = tmp_path / ".venv" / "setup.log"
    assert log.read_text("utf-8").splitlines()[-1] in said
    assert str(log) in said
    assert run.work(tmp_path) == "everything"


def test_each_command_becomes_its_program(run: ModuleType) -> None:
    kiosk, python = run.tool("kiosk"), run.tool("python")
    demonstration = str(Path("playlists", "demonstration"))
    assert run.command_line([]) == [*(kiosk, "demonstrate", demonstration, "--agency", "le-mans")]
    assert run.command_line(["tour", "a", "--out", "b"]) == [kiosk, "tour", "a", "--out", "b"]
    assert run.command_line(["--help"]) == [kiosk, "--help"]
    assert run.command_line(["bench", "x"]) == [python, "-m", "tests.bench", "x"]
    assert run.command_line(["bench", "sync", "x"]) == [python, "-m", "tests.bench.sync", "x"]
    assert run.command_line(["crash", "x"]) == [python, "-m", "tests.crash", "x"]
    assert run.command_line(["test", "-n0", "-k", "x"]) == [
        python,
        "-m",
        "pytest",
        "-n0",
        "-k",
        "x",
    ]


def test_tools_that_only_tests_use_are_named_with_their_packages(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = (("sh", "dash"), ("no-such-tool", "no-such-package"))
    monkeypatch.setattr(run, "TEST_TOOLS", tools)
    assert run.absent_tools() == {"no-such-tool": "no-such-package"}
    monkeypatch.delenv("PATH")
    assert run.absent_tools() == {"no-such-tool": "no-such-package"}


def test_tests_are_spread_unless_the_caller_chose(run: ModuleType) -> None:
    cores = str(min(os.cpu_count() or 1, 4))
    assert run.parallel(["-k", "x"]) == ["-n", cores, "--dist", "loadgroup"]
    for chosen in ("-n0", "-n", "--numprocesses=3", "--dist=no", "--pdb"):
        assert run.parallel([chosen]) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has to be asked")
def test_only_the_studio_needs_its_code_readers(run: ModuleType) -> None:
    preflight = run.load_preflight()
    qt = preflight.Library("libnowhere.so.7", "libnowhere7", "offscreen")
    window = preflight.Library("libnot-here.so.1", "libnot-here1", "screen")
    reader = preflight.Library("libblind.so.0", "libblind0", "studio")
    preflight.LIBRARIES, preflight.STUDIO = (qt, window), (reader,)
    assert run.lacking(preflight, "test", windows=True) == (qt, window, reader)
    assert qt in run.lacking(preflight, "play", windows=False)
    assert reader not in run.lacking(preflight, "play", windows=False)


def test_a_linter_says_nothing_where_all_is_well(
    run: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    python = sys.executable
    assert run.complaint(python, "-c", "print('fine')") == ""
    assert run.complaint(python, "-c", "exit(3)") == "exit code 3"
    assert run.complaint(python, "-c", "exit('line 2: bad')") == "line 2: bad"
    assert run.verdict("good", lambda: "") == 0
    assert run.verdict("bad", lambda: "line 2") == 1
    good, bad, why = capsys.readouterr().out.splitlines()
    assert (good.split()[:2], bad.split()[:2], why) == (
        ["good", "ok"],
        ["bad", "FAILED"],
        "    line 2",
    )


@on_posix
def test_it_becomes_the_command_with_its_exit_code(whole: Path, run: ModuleType) -> None:
    program(str(whole / "run"), (ROOT / "run").read_text("utf-8"))
    program(run.tool("kiosk", whole), '#!/bin/sh\necho "$PPID $PYTHONUTF8 $@ in $PWD"\nexit 7\n')
    door = [sys.executable, str(whole / "run"), "--version"]
    ran = subprocess.run(door, cwd="/", capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (7, f"{os.getpid()} 1 --version in /\n"), ran.stderr


def test_help_needs_no_set_up(tmp_path: Path) -> None:
    program(str(tmp_path / "run"), (ROOT / "run").read_text("utf-8"))
    door = [sys.executable, str(tmp_path / "run"), "help"]
    ran = subprocess.run(door, capture_output=True, text=True, check=True)
    assert "./run test [ARGS]" in ran.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
