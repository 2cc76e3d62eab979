"""Name server and proxy."""

from __future__ import annotations

import http.client
import re
import socket
from contextlib import closing
from ipaddress import ip_address
from typing import Final

from kiosk.agent.checks.finding import Finding, failed, one_line, passed, skipped, within
from kiosk.agent.checks.route import WAIT_S, Proxy, Route
from kiosk.agent.checks.visit import Visit

NO_WEB: Final = "not needed: `central` is a folder"
_STATUS: Final = re.compile(r"Tunnel connection failed: (\d{3})")
_REFUSING: Final = (403, 502, 503, 504)


def dns(visit: Visit) -> Finding:
    """Whether this PC finds the first host on the way."""
    route = visit.route
    if route is None:
        return skipped(NO_WEB)
    name, what = route.first, "proxy" if route.proxy else "central"
    if _is_address(name):
        return passed(f"{name} is an address: no name is looked up")
    remedy = f"Correct `{what}`, or the name server in this PC's network settings."
    try:
        found = within(
            visit.left(), lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        )
    except TimeoutError:
        return failed(f"the name server does not answer for {name}", remedy)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no name"
        return failed(f"the name {name} is unknown ({one_line(reason)})", remedy)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    return passed(f"{name} is {', '.join(addresses[:3])}")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def proxy(visit: Visit) -> Finding:
    """Which proxy is used, and whether it lets this PC through to the origin."""
    route = visit.route
    if route is None:
        return skipped(NO_WEB)
    if route.proxy is None:
        return passed("none is set: the origin is asked directly")
    return _asked(visit, route, route.proxy)


def _asked(visit: Visit, route: Route, found: Proxy) -> Finding:
    name = f"{found}, named by {found.named_by}"
    try:
        status = within(visit.left(), lambda: _through(route, found))
    except TimeoutError:
        return failed(f"{name}: it does not answer in time", _correct(found))
    except (OSError, http.client.HTTPException) as error:
        return failed(f"{name}: it cannot be reached ({one_line(error, 120)})", _correct(found))
    if status == 407:
        return failed(
            f"{name}: it answers 407, it wants a name and a password",
            "Write them into `proxy` as http://NAME:PASSWORD@HOST:PORT, or have the proxy let"
            f" {route.host} through without.",
        )
    if status in _REFUSING:
        return failed(
            f"{name}: it refuses the way to {route.host} (status {status})",
            f"Have the proxy's keeper let this PC reach {route.host}:{route.port}.",
        )
    return passed(f"{name}: it lets this PC through to {route.host}")


def _correct(found: Proxy) -> str:
    where = "`proxy`" if found.named_by.startswith("`") else "this system's proxy settings"
    return f"Correct {where}, or start the proxy at {found}."


def _through(route: Route, found: Proxy) -> int:
    """The status with which the proxy answers; 200 for a tunnel that stands."""
    if found.secure:  # TLS inside TLS is more than this look is worth: origin asks through it
        socket.create_connection((found.host, found.port), WAIT_S).close()
        return 200
    if not route.secure:
        return route.ask("metadata/timestamp.json").status
    try:
        with closing(route.connect(None)):
            return 200
    except OSError as error:
        refused = _STATUS.search(str(error))
        if refused is None:
            raise
        return int(refused[1])
