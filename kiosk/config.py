"""This PC's settings: an enrolment, kiosk.yaml, KIOSK_* variables, flags -> one frozen Config."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from kiosk.campaign.fields import Frozen, Id
from kiosk.campaign.parse import Broken, parse_file

FILE: Final = "kiosk.yaml"
PREFIX: Final = "KIOSK_"
ENROLMENT: Final = "enrolment"
"""The signed file in the data folder, and the origin of the settings it gives."""
_APP: Final = "o2-kiosk"


class ConfigError(Exception):
    """Settings that cannot be used: every problem, with where it is and what to write."""


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https", "file") or not (parts.hostname or parts.path):
        raise ValueError("must be an address such as https://kiosk.example/site or file:///E:/site")
    if parts.username or parts.password:
        raise ValueError("must hold no name or password; the site is public and signed")
    return text


def _proxy(text: str) -> str:
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname:
        raise ValueError("must be a proxy such as http://proxy.example:3128")
    return text


Address = Annotated[str, AfterValidator(_address)]
Proxy = Annotated[str, AfterValidator(_proxy)]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=1000)]

CommandLine = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Settings(Frozen):
    """What kiosk.yaml may say. Paths are relative to its own folder."""

    central: Address | None = None
    agency: Id | None = None
    screen: Id | None = None
    display: Annotated[str, StringConstraints(min_length=1, max_length=120)] | int | None = None
    root: FilePath = "root.json"
    data: FilePath | None = None
    evergreen: FilePath | None = None
    proxy: Proxy | None = None
    ca_file: FilePath | None = None
    poll_s: Annotated[int, Field(ge=30, le=86_400)] = 300
    deadline_s: Annotated[int, Field(ge=60, le=86_400)] = 3600
    panel: Literal["auto", "ddc", "none"] = "auto"
    panel_off: CommandLine | None = None
    panel_on: CommandLine | None = None
    disk_reserve_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 500


MEANING: Final[Mapping[str, str]] = {
    "central": "the address that releases come from",
    "agency": "the agency that this PC's screen belongs to",
    "screen": "which of the agency's screens it is; default: the first in its file",
    "display": "the display to use, by name or number; default: the primary one",
    "root": "the trust anchor that head office gave you",
    "data": "where releases are kept",
    "evergreen": "the release to fall back on; default: the one inside the program, if any",
    "proxy": "default: the system's proxy",
    "ca_file": "authorities to trust besides the system's own",
    "poll_s": "seconds from one poll to the next",
    "deadline_s": "seconds after which one poll is given up; what came is kept",
    "panel": "how it is put to sleep: auto, ddc (auto and DDC/CI, on panels seen to wake from it)"
    " or none",
    "panel_off": "a command line that puts it to sleep, besides",
    "panel_on": "a command line that wakes it",
    "disk_reserve_mb": "megabytes that are left free for others",
}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force, with whole paths, and where each came from.

    `enrolment` is the file that enrolled this PC; `problem` says why it, or a part of it, is not
    in force.
    """

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None
    enrolment: Path | None = None
    problem: str | None = None

    @property
    def root(self) -> Path:
        """The trust anchor: the one that is named, or lies there; else the program's own."""
        named = self._path("root", self.settings.root)
        own = _inside("evergreen/root.json")
        return own if own and "root" not in self.origins and not named.exists() else named

    @property
    def data(self) -> Path:
        """The data folder."""
        own = self.settings.data
        return self._path("data", own) if own else Path(platformdirs.user_data_dir(_APP, False))

    @property
    def evergreen(self) -> Path | None:
        """The store of the release that is always there."""
        own = self.settings.evergreen
        return self._path("evergreen", own) if own else _inside("evergreen")

    @property
    def ca_file(self) -> Path | None:
        """The file of further authorities."""
        own = self.settings.ca_file
        return self._path("ca_file", own) if own else None

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Every setting: name, value in force, origin."""
        shown: dict[str, Any] = self.settings.model_dump()
        shown |= {"root": self.root, "data": self.data, "ca_file": self.ca_file}
        shown["evergreen"] = self.evergreen
        shown["proxy"] = _without_password(self.settings.proxy)
        rows = [
            (name, "-" if value is None else str(value), self.origins.get(name, "default"))
            for name, value in shown.items()
        ]
        if self.enrolment is not None:
            rows.append((ENROLMENT, self.problem or "in force", str(self.enrolment)))
        return tuple(rows)

    def require(self, *names: str) -> Self:
        """ConfigError unless each of these is set."""
        lacking = [name for name in names if getattr(self.settings, name) is None]
        if lacking:
            told = "\n".join(f"  {name}: {MEANING[name]}" for name in lacking)
            where = self.file or f"a file {FILE}"
            raise ConfigError(
                f"not set yet:\n{told}\nwrite it into {where}, into a variable such as"
                f" {PREFIX}{lacking[0].upper()}, or give --{lacking[0].replace('_', '-')}"
            )
        return self

    def _path(self, name: str, text: str) -> Path:
        """Relative to the file that says it; to the working folder where a person says it."""
        said_in_file = self.file is not None and self.origins.get(name, FILE).startswith(FILE)
        base = self.file.parent if said_in_file and self.file else Path.cwd()
        return (base / Path(text).expanduser()).absolute()


def load(
    path: Path | None, environment: Mapping[str, str], flags: Mapping[str, str | None]
) -> Config:
    """Flags win over variables, over the file, over the enrolment, over the defaults.

    `path` None looks for kiosk.yaml in the working folder, then where the system keeps settings.
    """
    file = path or _found(environment)
    values, origins = _of_file(file) if file else ({}, {})
    problems: list[str] = []
    said = [
        (name, f"{PREFIX}{name.upper()}", environment.get(f"{PREFIX}{name.upper()}"))
        for name in Settings.model_fields
    ]
    said += [(name, f"--{name.replace('_', '-')}", flags.get(name)) for name in flags]
    for name, origin, text in said:
        if text is None or (text == "" and origin.startswith(PREFIX)):
            continue
        value, problem = _value(name, text)
        if problem is not None:
            problems.append(f"{origin}: {problem}")
        values[name], origins[name] = value, origin
    unknown = [n for n in environment if n.startswith(PREFIX) and not _is_known(n)]
    problems += [f"{name}: there is no such setting; see: kiosk config" for name in unknown]
    if problems:
        raise ConfigError("\n".join(problems))
    return _enrolled(Config(Settings(**values), origins, file))


def _enrolled(config: Config) -> Config:
    """With what a signed enrolment in the data folder says of what nobody else has set."""
    path = config.data / ENROLMENT
    with suppress(OSError):  # what cannot be looked at is told when it is read
        if not path.is_file():
            return config
    from kiosk.release.enrolment import Refused, authorities_of, held

    config = replace(config, enrolment=path)
    try:
        found = held(config.data, config.root.read_bytes())
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        return replace(config, problem=f"the trust anchor {config.root} cannot be read ({reason})")
    except Refused as error:
        return replace(config, problem=str(error))
    given = dict(found.enrolment.settings()) if found else {}
    try:
        authorities = authorities_of(found.enrolment, config.data) if found else None
    except Refused as error:
        config, authorities = replace(config, problem=str(error)), None
    if authorities is not None:
        given["ca_file"] = str(authorities)
    return _beneath(config, given)


def _beneath(config: Config, given: Mapping[str, Any]) -> Config:
    """With these settings where the config has none of its own."""
    new = {name: value for name, value in given.items() if name not in config.origins}
    own = config.settings.model_dump(include=set(config.origins))
    try:
        settings = Settings(**{**own, **new})
    except ValidationError as error:
        return replace(config, problem=f"this version cannot use it ({error.errors()[0]['msg']})")
    origins = {**config.origins, **dict.fromkeys(new, ENROLMENT)}
    return replace(config, settings=settings, origins=origins)


def _inside(name: str) -> Path | None:
    """A file that was built into the program; None where it was not, or nothing is built."""
    bundle = getattr(sys, "_MEIPASS", None)
    path = Path(bundle, name) if bundle else None
    return path if path and path.exists() else None


def _is_known(variable: str) -> bool:
    name = variable.removeprefix(PREFIX).lower()
    return name in Settings.model_fields or name in (
        "config",
        "keys",
        "passphrase_file",
        "renderer",
    )


def _found(environment: Mapping[str, str]) -> Path | None:
    named = environment.get(f"{PREFIX}CONFIG")
    if named:
        return Path(named)
    places = (Path.cwd(), Path(platformdirs.site_config_dir(_APP, False)))
    return next((place / FILE for place in places if (place / FILE).is_file()), None)


def _of_file(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        with path.open("rb") as file:
            raw = file.read(1_000_001)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise ConfigError(f"{path} cannot be read ({reason}); check the path") from error
    if not raw.strip():
        return {}, {}
    read = parse_file(str(path), raw, Settings)
    if isinstance(read, Broken):
        raise ConfigError("\n".join(map(str, read.problems)))
    settings, root = read
    names = settings.model_fields_set
    origins = {name: f"{FILE}:{root.key_place((name,)).line}" for name in names}
    return {name: getattr(settings, name) for name in names}, origins


def _value(name: str, text: str) -> tuple[Any, str | None]:
    """A setting written as text -> its value, or what is wrong with it."""
    counts = Settings.model_fields[name].annotation is int
    value: Any = int(text) if counts and text.isdigit() else text
    try:
        return getattr(Settings(**{name: value}), name), None
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        return None, f"{text!r}: {message[0].lower()}{message[1:]}"


def _without_password(proxy: str | None) -> str | None:
    if proxy is None:
        return None
    parts = urlsplit(proxy)
    if not parts.password:
        return proxy
    where = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.username}:***@{where}{port}"
