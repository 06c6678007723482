"""The history page: a report as components, figures and texts."""
