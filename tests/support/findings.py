"""Findings in the form that tests use."""

from northstar.domain.books import Check


def subject_of(check: Check) -> str:
    """Return a check's subject with its day."""
    return f"{check.day}: {check.subject}" if check.day else check.subject
