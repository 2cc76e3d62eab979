"""What a person asked for and cannot have, and the numbers a script sees."""

from __future__ import annotations

from typing import Final

EX_PROBLEMS: Final = 1
EX_USAGE: Final = 2
EX_DATAERR: Final = 65
EX_NOINPUT: Final = 66
EX_UNAVAILABLE: Final = 69
EX_IOERR: Final = 74
EX_TEMPFAIL: Final = 75
EX_PROTOCOL: Final = 76
EX_NOPERM: Final = 77
EX_CONFIG: Final = 78
EXITS: Final = """\
exit codes:
  0   done
  1   done, with problems that the output names
  2   the command line was not understood
  65  the campaign folder has errors; each is named with file:line:column
  66  the folder, release, agency, screen or display was not found
  69  a system library or a package is missing; it is named
  74  the site could not be read or written
  75  sync: the origin could not be reached; the current release plays on
  76  sync: what was offered was refused; the current release plays on
  77  a key is missing, locked or not the right one
  78  this PC's settings are missing or wrong
"""


class Refusal(Exception):
    """Something a person asked for cannot be done: one message, one exit code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
