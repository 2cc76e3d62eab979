"""Each way in which a web server's answer can be wrong, late, endless or somebody else's."""

from __future__ import annotations

import os
import socket
import struct
import zlib

from tests.release.faults import Call, Fault, Hangup, well

PAGE = b"<!DOCTYPE html><title>Bienvenue</title><p>Connectez-vous pour naviguer.</p>"


def black_hole(call: Call) -> None:
    """The request is taken, and nothing ever comes."""
    call.wait()


def hang_up(call: Call) -> None:
    """The connection is closed instead of an answer."""
    del call
    raise Hangup


def hang_up_when_kept(call: Call) -> None:
    """A second request on one connection gets no answer but its end."""
    (well if call.request.turn == 1 else hang_up)(call)


def silent_when_kept(call: Call) -> None:
    """A second request on one connection is lost, as where a firewall forgot it."""
    (well if call.request.turn == 1 else black_hole)(call)


def reset_mid_body(call: Call) -> None:
    """Half of the body, then RST."""
    _half(call)
    now = struct.pack("ii", 1, 0)
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    raise Hangup


def stall_mid_body(call: Call) -> None:
    """Half of the body, then nothing."""
    _half(call)
    call.wait()


def short_body(call: Call) -> None:
    """Half of the body, then an orderly end."""
    _half(call)
    raise Hangup


def _half(call: Call) -> None:
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content))
    call.body(content[: len(content) // 2])


def dribble(call: Call) -> None:
    """The body at 2 bytes a second."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content))
    call.drip(content, 0.5)


def dribble_chunked(call: Call) -> None:
    """The size of the first chunk, which never ends, at 10 bytes a second."""
    call.head("200 OK", transfer_encoding="chunked", connection="close")
    call.drip(b"0" * 60_000, 0.1)


def dribble_headers(call: Call) -> None:
    """The headers at 3 bytes a second: no single wait is long."""
    call.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 60_000, 0.3)


def length_too_long(call: Call) -> None:
    """A Content-Length of 100 bytes more than there are."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content) + 100)
    call.body(content)
    raise Hangup


def length_too_short(call: Call) -> None:
    """A Content-Length of 100 bytes fewer than there are."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content) - 100)
    call.body(content)


def length_absurd(call: Call) -> None:
    """A Content-Length of 5,000 digits, and a sign that only looks like one."""
    call.head("200 OK", content_length="9" * 5_000 + "²")
    call.body(call.content or PAGE)
    raise Hangup


def ignore_range(call: Call) -> None:
    """The whole file, whatever part was asked for."""
    content = call.content or PAGE
    call.head("200 OK", content_length=len(content))
    call.body(content)


def wrong_offset(call: Call) -> None:
    """206, from ten bytes later than asked; a wrong 206 even where none was asked for."""
    content = call.content or PAGE
    span = f"bytes 10-{len(content) - 1}/{len(content)}"
    call.head("206 Partial Content", content_length=len(content) - 10, content_range=span)
    call.body(content[10:])


def lying_offset(call: Call) -> None:
    """206 with the right words and other bytes."""
    asked, content = call.request.headers.get("range"), call.content or PAGE
    if asked is None:
        well(call)
        return
    begin = int(asked.removeprefix("bytes=").partition("-")[0])
    span = f"bytes {begin}-{len(content) - 1}/{len(content)}"
    call.head("206 Partial Content", content_length=len(content) - begin, content_range=span)
    call.body(content[: len(content) - begin])


def endless(call: Call) -> None:
    """A body without length or end."""
    call.head("200 OK", connection="close")
    while not call.server.closing.is_set():
        call.body(b"x" * 65_536)


def endless_chunked(call: Call) -> None:
    """Chunks without end."""
    call.head("200 OK", transfer_encoding="chunked")
    while not call.server.closing.is_set():
        call.body(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def gzip_bomb(call: Call) -> None:
    """4 MB of gzip that grow to 4 GB; a smaller one where only little is taken."""
    small = call.request.path.endswith("timestamp.json")
    content = bomb(8 if small else 4096)
    call.head("200 OK", content_length=len(content), content_encoding="gzip")
    call.body(content)


def bomb(mebibytes: int) -> bytes:
    """A gzip stream of zeros."""
    machine = zlib.compressobj(9, wbits=-15)
    block = machine.compress(bytes(2**20)) + machine.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + block * mebibytes


def gzipped(call: Call) -> None:
    """The right bytes, compressed, whoever asked for that."""
    if call.content is None:
        well(call)
        return
    machine = zlib.compressobj(wbits=31)
    content = machine.compress(call.content) + machine.flush()
    call.head("200 OK", content_length=len(content), content_encoding="gzip")
    call.body(content)


def half_gzip(call: Call) -> None:
    """Compressed, and half of that."""
    machine = zlib.compressobj(wbits=31)
    content = machine.compress(os.urandom(2000)) + machine.flush()
    call.head("200 OK", content_length=1000, content_encoding="gzip")
    call.body(content[:1000])


def brotli(call: Call) -> None:
    """An encoding that nobody asked for."""
    call.head("200 OK", content_length=3, content_encoding="br")
    call.body(b"\x0b\x01\x80")


def nonsense(call: Call) -> None:
    """Not HTTP at all."""
    call.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    raise Hangup


def status(line: str, **headers: object) -> Fault:
    """An error page of this status."""

    def answer(call: Call) -> None:
        bodyless = line.startswith("304")
        content = b"" if bodyless else b"no"
        more = {} if bodyless else {"content_length": len(content)}
        call.head(line, **more, **headers)
        call.body(content)

    return answer


def portal_page(call: Call) -> None:
    """A captive portal that answers in the place of everybody."""
    call.head("200 OK", content_type="text/html; charset=utf-8", content_length=len(PAGE))
    call.body(PAGE)


def portal_chunks(call: Call) -> None:
    """The same, without a length, and without saying what it is."""
    call.head("200 OK", transfer_encoding="chunked")
    call.body(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE))


def portal_redirect(call: Call) -> None:
    """A captive portal that sends everybody to its page."""
    there = f"{call.server.url}/portal"
    call.head("302 Found", location=there, content_length=0)


def heavy_redirect(call: Call) -> None:
    """A redirect with a gzip bomb for a page."""
    content = bomb(4096)
    call.head("302 Found", location="/portal", content_encoding="gzip", content_length=len(content))
    call.body(content)


def senseless_redirect(call: Call) -> None:
    """A redirect to what is no address."""
    call.head("302 Found", location="http://[", content_length=0)


def page_for_missing(call: Call) -> None:
    """A host that has a page for whatever is not there."""
    (well if call.content is not None else portal_page)(call)


def with_cookie(call: Call) -> None:
    """The right answer, and a cookie."""
    well(call, set_cookie="who=you; Path=/")
