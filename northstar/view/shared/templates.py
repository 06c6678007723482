"""HTML templates: what is put into them is escaped, but where the template says `safe`."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)


def read_template(file: Path) -> Template:
    """Return the template in a file."""
    return _ENVIRONMENT.from_string(file.read_text("utf-8"))
