"""What head office sees before it publishes."""
