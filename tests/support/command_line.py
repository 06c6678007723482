"""A command line that is refused."""

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load


def refusal(*arguments: str) -> str:
    """Return the error of a refused command line."""
    with pytest.raises(ConfigurationError) as refused:
        load(arguments)
    return str(refused.value)
