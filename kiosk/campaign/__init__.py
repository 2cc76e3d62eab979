"""What may be shown, to whom and when. Pure: no Qt, file, socket, clock or environment."""
