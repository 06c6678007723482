"""Checks of the books as tests name them."""

from northstar.domain.books import Check


def subject_of(check: Check) -> str:
    """Return what a check is about, with its day."""
    return f"{check.day}: {check.subject}" if check.day else check.subject
