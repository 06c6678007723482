"""Alerts: rules, their measures, and the states of alerts. Pure: no clock, no I/O."""
