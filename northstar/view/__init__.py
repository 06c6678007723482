"""Pure functions from a snapshot or a report to components, figures and texts."""
