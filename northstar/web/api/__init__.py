"""The HTTP API: current state, history, notes, alerts, exports and pictures."""
