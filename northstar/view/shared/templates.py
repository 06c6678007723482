"""HTML templates; inserted values are escaped unless the template marks them `safe`."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)


def read_template(file: Path) -> Template:
    """Return the template in a file."""
    return _ENVIRONMENT.from_string(file.read_text("utf-8"))
