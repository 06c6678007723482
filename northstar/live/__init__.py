"""Intake of messages, and broadcast of frames to viewers."""
