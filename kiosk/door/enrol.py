"""`kiosk enrol`: the signed file that gives a new PC its settings from a USB stick."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.door.publish import add_keys, refusing
from kiosk.door.refusal import EX_IOERR, EX_NOINPUT, EX_USAGE, Refusal

if TYPE_CHECKING:
    from kiosk.release.enrolment import Enrolment

VALID_DAYS = 90
LONGEST_DAYS = 3650
FLAGS = {"ca": "--ca-file"}


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = (
        "Write the file o2-kiosk.enrol, signed with the daily keys. On a USB stick it gives a new "
        "PC its agency and the central address: the PC asks for it on the glass, and takes it "
        "within seconds. Whoever has the file can enrol a PC until the file expires."
    )
    command.add_argument("--agency", metavar="ID", required=True, help="the agency of the screen")
    command.add_argument("--central", metavar="URL", required=True, help="where releases come from")
    command.add_argument("--screen", metavar="ID", help="which of the agency's screens it is")
    command.add_argument("--display", metavar="NAME", help="the display to use, by name or number")
    command.add_argument("--proxy", metavar="URL", help="default: the system's proxy")
    command.add_argument(
        "--ca-file", metavar="FILE", type=Path, help="authorities (PEM) to trust; put into the file"
    )
    command.add_argument("--poll-s", metavar="N", type=int, help="seconds between two polls")
    command.add_argument("--pc", metavar="NAME", help="only the PC of this name takes it")
    command.add_argument(
        "--valid-days",
        metavar="N",
        type=int,
        default=VALID_DAYS,
        help="days in which it enrols new PCs; who is enrolled stays so (default: %(default)s)",
    )
    command.add_argument(
        "--to", metavar="FILE_OR_FOLDER", type=Path, required=True, help="such as the stick's drive"
    )
    add_keys(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sign and write it."""
    from kiosk.release.durable import write_durably
    from kiosk.release.enrolment import NAME, sign
    from kiosk.release.keys import Keys
    from kiosk.release.roles import agency_role

    enrolment = _enrolment(arguments)
    path = arguments.to / NAME if arguments.to.is_dir() else arguments.to
    if not path.parent.is_dir():
        raise Refusal(EX_NOINPUT, f"there is no folder {path.parent}; is the stick in?")
    with refusing():
        keys = Keys(arguments.keys)
        content = sign(enrolment, keys)
    try:
        write_durably(path, content)
    except OSError as error:
        raise Refusal(EX_IOERR, f"{path} cannot be written ({error.strerror})") from error
    whom = f"the PC {enrolment.pc}" if enrolment.pc else "any PC"
    until = f"{enrolment.expires:%Y-%m-%d}"
    print(f"{path}: enrols {whom} for agency {enrolment.agency} until {until}")
    if not keys.has(agency_role(enrolment.agency)):
        print(f"note: these keys have not published an agency {enrolment.agency} yet; is it right?")
    return 0


def _enrolment(arguments: argparse.Namespace) -> Enrolment:
    """What the flags say; every mistake at once."""
    from pydantic import ValidationError

    from kiosk.release.enrolment import Enrolment

    if not 1 <= arguments.valid_days <= LONGEST_DAYS:
        raise Refusal(EX_USAGE, f"--valid-days: 1 to {LONGEST_DAYS}, not {arguments.valid_days}")
    issued = datetime.now(UTC).replace(microsecond=0)
    names = ("agency", "central", "screen", "display", "proxy", "poll_s", "pc")
    said: dict[str, Any] = {name: getattr(arguments, name) for name in names}
    try:
        return Enrolment(
            **said,
            ca=_authorities(arguments.ca_file),
            issued=issued,
            expires=issued + timedelta(days=arguments.valid_days),
        )
    except ValidationError as error:
        raise Refusal(EX_USAGE, "\n".join(map(_mistake, error.errors()))) from error


def _mistake(error: Any) -> str:
    name = str(error["loc"][0])
    message = error["msg"].removeprefix("Value error, ")
    return f"{FLAGS.get(name, '--' + name.replace('_', '-'))}: {error['input']!r}: {message}"


def _authorities(path: Path | None) -> str | None:
    """The certificates of a PEM file, and nothing else that may stand in it."""
    if path is None:
        return None
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificates

    try:
        found = load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise Refusal(EX_NOINPUT, f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise Refusal(EX_NOINPUT, f"{path} holds no certificates (PEM); export them so") from error
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in found)
