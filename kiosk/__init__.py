"""O2 Kiosk: real faces in a shop window, with codes that scan."""

__version__ = "0.1.0"
