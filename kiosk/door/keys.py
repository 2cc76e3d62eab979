"""`kiosk keys`: the root ceremony, and new keys for old."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.door.needs import Commands
from kiosk.door.publish import add_keys, open_repository, refusing
from kiosk.door.refusal import EX_NOINPUT, EX_NOPERM, EX_USAGE, Refusal

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

CEREMONY = """\
Three root keys are made now, each locked with a passphrase of its own. Any two of them can replace
every other key of your screens; nobody can without two. Let three people choose a passphrase each:
four words that do not belong together. Write each on paper.
"""
AFTER = """\
Done. Now, in this order:
  1. Move root-1.pem, root-2.pem and root-3.pem out of {keys},
     each onto a USB stick of its own, to a different person and a different safe.
     Keep each passphrase on paper, away from its stick.
  2. Then back up {keys}, and guard it: whoever has it can publish, nobody can without.
  3. Give root.json to whoever installs the screens: it goes beside kiosk.yaml.
  4. Publish:  kiosk publish FOLDER --to SITE --keys {keys}
  5. Each night, by the machine's scheduler:  kiosk publish --refresh --to SITE --keys {keys}
README.txt in that folder says all this again."""


def add(command: argparse.ArgumentParser) -> None:
    """Its place in the command line."""
    command.description = "The keys that sign releases. Daily work never needs this command."
    actions = command.add_subparsers(title="actions", required=True, metavar="ACTION")
    _add_init(actions)
    _add_rotate(actions)


def _add_init(actions: Commands[argparse.ArgumentParser]) -> None:
    init = actions.add_parser(
        "init",
        help="the root ceremony: make every key, once",
        description="Make every key in the new folder KEYS: three root keys, of which two are "
        "needed for anything, and the daily keys. Asks for three passphrases.",
    )
    init.add_argument("keys", metavar="KEYS", type=Path, help="a folder that does not exist yet")
    _add_passphrases(init)
    init.set_defaults(run=run_init)


def _add_rotate(actions: Commands[argparse.ArgumentParser]) -> None:
    rotate = actions.add_parser(
        "rotate",
        help="replace a key that was lost or may be stolen",
        description="Replace WHAT by a new key and have the site serve only what it signs. Screens "
        "follow at their next poll by themselves.",
    )
    rotate.add_argument(
        "what",
        metavar="WHAT",
        help="daily (all daily keys), targets, hq, snapshot, timestamp, an agency's id, or root-1, "
        "root-2, root-3",
    )
    rotate.add_argument("--to", metavar="SITE", required=True, help="the site, as for publish")
    add_keys(rotate)
    rotate.add_argument(
        "--root",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a root key; give two (--root A/root-1.pem --root B/root-3.pem)",
    )
    rotate.add_argument(
        "--new",
        metavar="FILE",
        type=Path,
        help="for root-N: where to write the new root key, on its own stick",
    )
    _add_passphrases(rotate)
    rotate.set_defaults(run=run_rotate)


def _add_passphrases(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--passphrase-file",
        metavar="FILE",
        type=Path,
        help="take the passphrases from FILE, one a line, in the order in which they are asked",
    )


def run_init(arguments: argparse.Namespace) -> int:
    """Make every key."""
    from kiosk.release.keys import init

    if arguments.passphrase_file is None:
        print(CEREMONY)
    with refusing():
        init(arguments.keys, _passphrases(arguments, new=True), datetime.now(UTC))
    print(AFTER.format(keys=arguments.keys))
    return 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """Replace a key."""
    from kiosk.release.keys import ROOT_NAMES
    from kiosk.release.rotate import needs_root, roles_of, rotate_daily, rotate_root

    with refusing():
        repository = open_repository(arguments)
        is_root = arguments.what in ROOT_NAMES
        if not is_root:
            roles_of(arguments.what, repository.agencies())
        if is_root and arguments.new is None:
            raise Refusal(EX_USAGE, f"where shall the new {arguments.what} go? add --new FILE")
        ask = _passphrases(arguments, new=False)
        signers = _root_signers(arguments, ask) if needs_root(arguments.what) else []
        if is_root:
            new = arguments.new, _new_passphrase(arguments, ask)
            rotated = rotate_root(repository, new, signers)
        else:
            rotated = rotate_daily(repository, arguments.what, signers)
    print(f"new keys for {', '.join(rotated.roles)}; the site's root is version {rotated.root}")
    if not is_root:
        print(
            f"back up {arguments.keys} again, and delete the .old files in {arguments.keys}/daily"
        )
    return 0


def _root_signers(arguments: argparse.Namespace, ask: Callable[[str], str]) -> list[CryptoSigner]:
    from kiosk.release.keys import load_root_key

    if len(arguments.root) != 2:
        raise Refusal(
            EX_NOPERM,
            "two root keys have to agree: --root FIRST/root-1.pem --root SECOND/root-3.pem",
        )
    return [load_root_key(path, ask(str(path))) for path in arguments.root]


def _new_passphrase(arguments: argparse.Namespace, ask: Callable[[str], str]) -> str:
    from kiosk.release.keys import check_passphrases

    name = str(arguments.new)
    passphrase = ask(name) if arguments.passphrase_file else _asked_twice(name)
    check_passphrases({name: passphrase})
    return passphrase


def _passphrases(arguments: argparse.Namespace, *, new: bool) -> Callable[[str], str]:
    """Where passphrases come from: a file, or the person at the prompt."""
    path: Path | None = arguments.passphrase_file
    if path is None:
        named = os.environ.get("KIOSK_PASSPHRASE_FILE")
        path = Path(named) if named else None
    if path is None:
        return _asked_twice if new else _asked
    try:
        lines = iter(path.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(EX_NOINPUT, f"{path} cannot be read ({error}); check the path") from error

    def next_line(name: str) -> str:
        line = next(lines, "")
        if not line:
            raise Refusal(EX_NOINPUT, f"{path} has no line for {name}; one passphrase a line")
        return line

    return next_line


def _asked(name: str) -> str:
    if not sys.stdin.isatty():
        raise Refusal(EX_NOPERM, f"{name} is locked; give its passphrase by --passphrase-file FILE")
    return getpass.getpass(f"Passphrase of {name}: ")


def _asked_twice(name: str) -> str:
    from kiosk.release.keys import SHORTEST_PASSPHRASE

    if not sys.stdin.isatty():
        raise Refusal(
            EX_NOPERM,
            f"the passphrase of the new {name} is missing: type it at a terminal, or give"
            " --passphrase-file FILE, one passphrase a line",
        )
    while True:
        passphrase = getpass.getpass(f"Passphrase of the new {name}: ")
        if len(passphrase) < SHORTEST_PASSPHRASE:
            print(f"Too short: at least {SHORTEST_PASSPHRASE} characters.", file=sys.stderr)
            continue
        if getpass.getpass(f"Once more, for {name}: ") == passphrase:
            return passphrase
        print("They differ; again.", file=sys.stderr)
