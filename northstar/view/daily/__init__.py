"""The daily report as text and as a page."""
