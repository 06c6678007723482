"""Alerts as text: rules as sentences, and events as titles and bodies."""
