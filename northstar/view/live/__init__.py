"""The live page: a snapshot as components, figures and texts."""
