"""Reports on a period, read from the history."""
