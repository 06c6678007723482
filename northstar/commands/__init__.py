"""Commands besides serving the dashboard: `northstar alerts …`, `northstar report`."""
