"""The bench: the player against a minimal Chromium kiosk slideshow of the same scenes."""
