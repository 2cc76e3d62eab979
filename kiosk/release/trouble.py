"""What went wrong on the line, as one phrase with its remedy."""

from __future__ import annotations

from typing import Final

from kiosk.release.origin import NoContact


class HungUp(NoContact):
    """The other end closed the connection instead of answering."""


_HUNG_UP: Final = ("RemoteDisconnected", "ConnectionResetError", "BrokenPipe", "SSLEOFError")
_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("certificate has expired", "the origin's certificate has expired; is this PC's clock right?"),
    ("certificate is not yet valid", "the certificate is not valid yet; is this PC's clock right?"),
    ("Hostname mismatch", "the certificate is for another host; check `central`"),
    ("IP address mismatch", "the certificate is for another host; check `central`"),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "this PC does not know the certificate's authority; set `ca_file`",
    ),
    # Windows and macOS judge in their own words, perhaps in French.
    (
        "SSLCertVerificationError",
        "this PC does not accept the certificate; is its clock right, is `ca_file` set?",
    ),
    ("407 Proxy", "the proxy wants a name and a password; write them into `proxy`"),
    ("ProxyError", "the proxy cannot be reached or refuses; check `proxy`"),
    # The address may hold a password: it is not repeated.
    ("LocationParseError", "an address cannot be read; check `central` and `proxy`"),
    ("InvalidURL", "an address cannot be read; check `central` and `proxy`"),
    ("InvalidProxyURL", "an address cannot be read; check `proxy`"),
    ("Failed to resolve", "the host's name is unknown; check `central` and the name server"),
    ("NameResolutionError", "the host's name is unknown; check `central` and the name server"),
    ("Network is unreachable", "no route to the network; check the cable"),
    ("No route to host", "no route to the host; check the network"),
    ("Connection refused", "the connection was refused; is the address and port right?"),
    ("timed out", "no answer in time"),
    ("reset by peer", "the connection was cut"),
    ("IncompleteRead", "the answer stopped half-way"),
    ("RemoteDisconnected", "the connection was cut before an answer"),
    ("SSLError", "no secure connection could be made"),
)


def trouble(error: BaseException) -> NoContact:
    """What the error of a socket, of TLS, of a proxy or of HTTP means; HungUp where it is that."""
    hung_up = any(mark in repr(error) for mark in _HUNG_UP)
    return (HungUp if hung_up else NoContact)(_phrase(error))


def _phrase(error: BaseException) -> str:
    text = repr(error)
    for mark, phrase in _PHRASES:
        if mark in text:
            return phrase
    return " ".join(str(error).split())[:200] or type(error).__name__
