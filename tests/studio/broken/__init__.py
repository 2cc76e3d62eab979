"""A small clean campaign folder, and fifty ways to break it, each by one edit."""
