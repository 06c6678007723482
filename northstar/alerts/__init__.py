"""Alerts: rules, what they measure, and the states that follow. Pure: no clock, no I/O."""
