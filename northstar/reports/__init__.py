"""What became of a period, read from the history."""
