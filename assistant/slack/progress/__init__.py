"""What a thread shows while a turn runs, and the one message it becomes."""
