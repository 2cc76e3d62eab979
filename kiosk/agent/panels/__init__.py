"""The ways to put a panel to sleep and to wake it, one a file."""
