"""Windows: the session's monitors by SC_MONITORPOWER; Windows does not say what became of it."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

from kiosk.agent.panels.way import Order, Outcome

NAME: Final = "Windows monitor power"
HWND_BROADCAST: Final = 0xFFFF
WM_SYSCOMMAND: Final = 0x0112
SC_MONITORPOWER: Final = 0xF170
POWER_ON: Final = -1
POWER_OFF: Final = 2
SMTO_ABORTIFHUNG: Final = 0x0002
TIMEOUT_MS: Final = 200
"""Of each window that does not answer."""
ERROR_TIMEOUT: Final = 1460
ES_SYSTEM_REQUIRED: Final = 0x00000001
ES_DISPLAY_REQUIRED: Final = 0x00000002
MOUSEEVENTF_MOVE: Final = 0x0001
CAPABILITIES_BYTES: Final = 76
AOAC: Final = 20
"""Where SYSTEM_POWER_CAPABILITIES says that the PC sleeps as soon as its display does."""


def carry_out(order: Order) -> Outcome:
    """Switch every monitor of this session."""
    if sys.platform != "win32":
        return Outcome(NAME, "not offered", "not Windows")
    if order == "on":  # asked also of a PC that would sleep: waking can do no harm
        return _on()
    if _sleeps_with_its_display():
        return Outcome(NAME, "not offered", "this PC would fall asleep with its display")
    if order == "status":
        return Outcome(NAME, "done", "cannot be read back")
    return _send(POWER_OFF)


def _on() -> Outcome:  # pragma: no cover - runs on Windows only
    """Since Windows 8 the message alone does not light a display: input does."""
    kernel32 = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    kernel32.SetThreadExecutionState(ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED)
    for step in (1, -1):
        user32.mouse_event(MOUSEEVENTF_MOVE, step, 0, 0, None)
    return _send(POWER_ON)


def _send(power: int) -> Outcome:  # pragma: no cover - runs on Windows only
    user32 = ctypes.WinDLL("user32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    send = user32.SendMessageTimeoutW
    whole, word = ctypes.c_ssize_t, ctypes.c_uint
    send.argtypes = (ctypes.c_void_p, word, whole, whole, word, word, ctypes.c_void_p)
    send.restype = whole
    target = ctypes.c_void_p(HWND_BROADCAST)
    sent = send(target, WM_SYSCOMMAND, SC_MONITORPOWER, power, SMTO_ABORTIFHUNG, TIMEOUT_MS, None)
    error = ctypes.get_last_error()  # type: ignore[attr-defined,unused-ignore]
    if sent or error in (0, ERROR_TIMEOUT):  # a window that hangs has not kept it from the others
        return Outcome(NAME, "done", "cannot be read back")
    return Outcome(NAME, "failed", f"SendMessageTimeout: error {error}")


def _sleeps_with_its_display() -> bool:  # pragma: no cover - runs on Windows only
    powrprof = ctypes.WinDLL("powrprof")  # type: ignore[attr-defined,unused-ignore]
    told = (ctypes.c_ubyte * CAPABILITIES_BYTES)()
    return bool(powrprof.GetPwrCapabilities(told)) and bool(told[AOAC])
