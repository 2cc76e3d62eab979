"""Behind the door: one file for each command, which reads its arguments and calls one room."""
