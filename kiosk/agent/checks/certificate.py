"""TLS: whether this PC takes the certificate, and which authority signed it."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import truststore
from cryptography import x509
from cryptography.x509.oid import NameOID
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from kiosk.agent.checks.clock import SET_IT
from kiosk.agent.checks.finding import Finding, failed, one_line, passed, skipped, warned, within
from kiosk.agent.checks.network import NO_WEB
from kiosk.agent.checks.route import Route, blind_trust
from kiosk.agent.checks.visit import Visit
from kiosk.release.trouble import trouble

_SOON: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whose certificate it is, who signed it, and until when it holds."""

    issuer: str
    begins: datetime
    ends: datetime


def tls(visit: Visit) -> Finding:
    """Whether a poll would take the certificate: system's authorities, and `ca_file`."""
    route, ca_file = visit.route, visit.case.ca_file
    if ca_file is not None:
        broken = _broken(ca_file)
        if broken:
            return failed(
                f"ca_file {ca_file}: {broken}",
                "Write the authority's certificate there as PEM (-----BEGIN CERTIFICATE-----),"
                " or correct `ca_file`.",
            )
    if route is None:
        return skipped(NO_WEB)
    if not route.secure:
        return skipped("not needed: `central` is http; releases are signed whoever carries them")
    if route.proxy and route.proxy.secure:
        return skipped("not looked at through an https proxy; `origin` judges it")
    try:
        return within(visit.left(), lambda: _judged(route, ca_file, visit.case.now()))
    except TimeoutError:
        return failed(
            f"no secure connection to {route.host} in time",
            f"Have the firewall let this PC reach {route.host}:{route.port}.",
        )


def _broken(ca_file: Path) -> str | None:
    """Why the file of authorities cannot be used."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(ca_file))
    except ssl.SSLError:
        return "it holds no certificate in PEM"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return None


def _judged(route: Route, ca_file: Path | None, now: datetime) -> Finding:
    error = _refusal(route, _system(ca_file))
    shown = _certificate(route)
    if error is not None:
        return _refused(route, error, shown, now)
    if shown is None:
        return passed(f"{route.host}: the certificate is taken")
    days = (shown.ends - now).days
    seen = (
        f"{route.host}: signed by {shown.issuer} ({_kind(route, ca_file)}),"
        f" until {shown.ends:%Y-%m-%d} ({days} days)"
    )
    if shown.ends - now < _SOON:
        return warned(seen, f"Have the certificate of {route.host} renewed.")
    return passed(seen)


def _refused(route: Route, error: Exception, shown: Certificate | None, now: datetime) -> Finding:
    by = f" (signed by {shown.issuer}, until {shown.ends:%Y-%m-%d})" if shown else ""
    seen = f"{route.host}: {trouble(error)}{by}"
    if not isinstance(error, ssl.SSLError):
        return failed(seen, f"Have the firewall let this PC reach {route.host}:{route.port}.")
    if shown is None:
        return failed(seen, "Have whoever keeps the server or a TLS inspection mend it.")
    if now < shown.begins:
        return failed(seen, SET_IT)
    if now > shown.ends:
        return failed(seen, f"Have the certificate of {route.host} renewed: it has ended.")
    if "another host" in seen:
        return failed(seen, f"Correct `central`, or have a certificate made for {route.host}.")
    return failed(
        seen,
        f"Write the certificate of the authority {shown.issuer} as PEM into a file and set"
        " `ca_file` to it, or add it to this PC's own authorities.",
    )


def _kind(route: Route, ca_file: Path | None) -> str:
    """Whose authority it is; a public one is on Mozilla's list, as certifi has it."""
    try:
        mozilla = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    except OSError:
        mozilla = None
    if mozilla is not None and _refusal(route, mozilla) is None:
        return "a public authority"
    if ca_file is None or _refusal(route, _system(None)) is None:
        own = "an authority" if mozilla is None else "a corporate authority"
        return f"{own} in this PC's own store"
    return f"known from {ca_file.name}"


def _system(ca_file: Path | None) -> ssl.SSLContext:
    """As release/line.py trusts."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def _refusal(route: Route, context: ssl.SSLContext) -> Exception | None:
    try:
        with closing(route.connect(context)):
            return None
    except (OSError, http.client.HTTPException) as error:
        return error


def _certificate(route: Route) -> Certificate | None:
    """Looked at and not believed."""
    with suppress(OSError, http.client.HTTPException, ValueError):
        with closing(route.connect(blind_trust())) as line:
            assert isinstance(line.sock, ssl.SSLSocket)
            raw = line.sock.getpeercert(binary_form=True)
        if raw:
            found = x509.load_der_x509_certificate(raw)
            return Certificate(
                _name(found.issuer), found.not_valid_before_utc, found.not_valid_after_utc
            )
    return None


def _name(name: x509.Name) -> str:
    kinds = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    parts = [str(one.value) for kind in kinds for one in name.get_attributes_for_oid(kind)]
    return one_line(" ".join(dict.fromkeys(parts)) or name.rfc4514_string(), 100)
