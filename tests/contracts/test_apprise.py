"""Internals of apprise that northstar/receivers/apprise_program.py uses, hook by hook."""

import pytest
from apprise.plugins.email import base as mail

from northstar.receivers.apprise_program import service_of


def test_convert_between() -> None:
    """A mail's text is the result of its module's `convert_between` for the HTML."""
    assert callable(vars(mail)["convert_between"])
    assert "convert_between" in mail.NotifyEmail.prepare_emails.__code__.co_names


@pytest.mark.parametrize(
    "name", ["inline", "resolve_format", "schema", "socket_connect_timeout", "socket_read_timeout"]
)
def test_attribute_of_a_service(name: str) -> None:
    """A mail service has an attribute that we read or set."""
    assert hasattr(service_of("mailto://user:password@example.org"), name)
