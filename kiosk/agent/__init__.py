"""What keeps a screen alive: the supervisor, its polls, and the doctor. No Qt."""
