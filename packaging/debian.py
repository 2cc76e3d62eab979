"""The bundle as a Debian package: what it depends on, where its files go, dpkg-deb."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from bundle import SetupError

NAME: Final = "o2-kiosk"
FILES: Final = {
    "o2-kiosk.service": ("usr/lib/systemd/system/o2-kiosk.service", 0o644),
    "o2-kiosk-x11.service": ("usr/lib/systemd/system/o2-kiosk-x11.service", 0o644),
    "o2-kiosk-cage.service": ("usr/lib/systemd/system/o2-kiosk-cage.service", 0o644),
    "display": ("usr/lib/o2-kiosk/display", 0o755),
    "paper": ("usr/lib/o2-kiosk/paper", 0o755),
    "kiosk": ("usr/bin/kiosk", 0o755),
    "kiosk.yaml": ("etc/o2-kiosk/kiosk.yaml", 0o644),
    "sysusers.conf": ("usr/lib/sysusers.d/o2-kiosk.conf", 0o644),
    "tmpfiles.conf": ("usr/lib/tmpfiles.d/o2-kiosk.conf", 0o644),
    "polkit.rules": ("usr/share/polkit-1/rules.d/50-o2-kiosk.rules", 0o644),
    "copyright": ("usr/share/doc/o2-kiosk/copyright", 0o644),
    "lintian-overrides": ("usr/share/lintian/overrides/o2-kiosk", 0o644),
    "postinst": ("DEBIAN/postinst", 0o755),
    "prerm": ("DEBIAN/prerm", 0o755),
    "postrm": ("DEBIAN/postrm", 0o755),
}
"""A file of packaging/linux -> where it goes, and its mode."""
CONFFILES: Final = ("/etc/o2-kiosk/kiosk.yaml",)
SESSION: Final = (
    "ca-certificates",
    "systemd",
    "tzdata",
    "x11-xserver-utils",
    "xauth",
    "xserver-xorg-core",
)
"""What the services use besides libraries: a display, authorities, time zones."""


@dataclass(frozen=True, slots=True)
class Links:
    """What the bundle's own files link: sonames outside the bundle, and the newest glibc marked."""

    sonames: frozenset[str]
    glibc: str


def build(bundle: Path, linux: Path, version: str, extra: Iterable[str], out: Path) -> Path:
    """Write the package of `bundle` into the folder `out`; its path.

    `linux` holds the templates; `extra` are packages of libraries that are loaded by name.
    """
    architecture = _output("dpkg", "--print-architecture").strip()
    tree = out / f"{NAME}_{version}_{architecture}"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(bundle, tree / "opt" / NAME, symlinks=True)
    for name, (place, mode) in FILES.items():
        _put(tree / place, (linux / name).read_bytes(), mode)
    share = tree / "usr" / "share"
    _put(share / "man/man1/kiosk.1.gz", _zipped((linux / "kiosk.1").read_bytes()), 0o644)
    _put(share / f"doc/{NAME}/changelog.gz", _zipped(_changelog(version).encode()), 0o644)
    links = links_of(tree / "opt" / NAME)
    facts = {
        "VERSION": version,
        "ARCHITECTURE": architecture,
        "INSTALLED_SIZE": str(_kilobytes(tree)),
        "DEPENDS": ", ".join(depends(links, extra, package_of)),
    }
    _put(tree / "DEBIAN/control", filled((linux / "control").read_text("utf-8"), facts), 0o644)
    _put(tree / "DEBIAN/conffiles", "".join(f"{c}\n" for c in CONFFILES).encode(), 0o644)
    _put(tree / "DEBIAN/md5sums", _sums(tree), 0o644)
    _set_modes(tree)
    _output("dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(out))
    shutil.rmtree(tree)
    return tree.with_name(f"{tree.name}.deb")


def depends(
    links: Links, extra: Iterable[str], package: Callable[[str], str | None]
) -> tuple[str, ...]:
    """The packages that hold what the bundle links, `extra`, and what the service uses.

    `package` finds the package of a soname; SetupError where the system has none.
    """
    owners = {soname: package(soname) for soname in links.sonames}
    lost = sorted(soname for soname, owner in owners.items() if owner is None)
    if lost:
        raise SetupError(f"no package holds {', '.join(lost)}; install what brings them")
    found = {owner for owner in owners.values() if owner} | set(extra)
    found.discard("libc6")
    return (f"libc6 (>= {links.glibc})", *sorted(found), *SESSION)


def links_of(folder: Path) -> Links:
    """Look into every library and program below `folder`."""
    needed, own, marks = set[str](), set[str](), set[str]()
    for file in folder.rglob("*"):
        own.add(file.name)
        if file.is_symlink() or not file.is_file() or not _is_elf(file):
            continue
        told = _output("objdump", "-p", str(file))
        needed |= set(re.findall(r"^\s+NEEDED\s+(\S+)$", told, re.MULTILINE))
        own |= set(re.findall(r"^\s+SONAME\s+(\S+)$", told, re.MULTILINE))
        marks |= set(re.findall(r"\bGLIBC_([\d.]+)$", told, re.MULTILINE))
    newest = max(marks, key=lambda mark: tuple(map(int, mark.split("."))), default="2.17")
    return Links(frozenset(needed - own), newest)


def package_of(soname: str) -> str | None:
    """The installed package that holds this library; None where there is none."""
    found = next((place for place in _places(soname) if Path(place).exists()), None)
    if found is None:
        return None
    # The package's list may name the library as it was before /lib became a link to /usr/lib.
    real = str(Path(found).resolve())
    for name in (found, real, real.removeprefix("/usr"), f"/usr{found}"):
        ran = subprocess.run(
            ["dpkg-query", "-S", name], capture_output=True, text=True, check=False
        )
        if ran.returncode == 0:
            return ran.stdout.split(":", 1)[0]
    return None


def _places(soname: str) -> Iterator[str]:
    """Where the loader looks: its cache, then its folders, where links have other names too."""
    listed = _output("/sbin/ldconfig", "-p")
    yield from re.findall(
        rf"^\s+{re.escape(soname)} \(.*x86-64.*\) => (\S+)$", listed, re.MULTILINE
    )
    for folder in ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64"):
        yield f"{folder}/{soname}"


def filled(template: str, facts: dict[str, str]) -> bytes:
    """The template with each @NAME@ replaced; KeyError for one that is not known."""
    return re.sub(r"@([A-Z_]+)@", lambda found: facts[found[1]], template).encode()


def _changelog(version: str) -> str:
    lines = (
        f"{NAME} ({version}) unstable; urgency=medium",
        "  * See CHANGELOG.md of the source.",
        f" -- O2 Kiosk <kiosk@o2.example>  {format_datetime(datetime.now(UTC))}",
    )
    return "\n\n".join(lines) + "\n"


def _set_modes(tree: Path) -> None:
    """Folders may be entered, programs run, and libraries only read."""
    program = tree / "opt" / NAME / "kiosk"
    for path in (tree, *tree.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
        elif path.is_relative_to(tree / "opt") and not path.is_symlink():
            path.chmod(0o755 if path == program else 0o644)


def _sums(tree: Path) -> bytes:
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    lines = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {place}\n"
        for path in files
        if not (place := path.relative_to(tree).as_posix()).startswith("DEBIAN/")
        and f"/{place}" not in CONFFILES
    ]
    return "".join(lines).encode()


def _kilobytes(tree: Path) -> int:
    sizes = (path.lstat().st_size for path in tree.rglob("*") if not path.is_dir())
    return sum(-(-size // 1024) for size in sizes)


def _is_elf(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _put(place: Path, content: bytes, mode: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    place.chmod(mode)


def _output(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SetupError(f"{command[0]} failed: {ran.stderr.strip()}")
    return ran.stdout
