"""What the page shows: pure functions from a snapshot to components, traces and props."""
