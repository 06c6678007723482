"""Explain invalid settings in our own words instead of pydantic's."""

from difflib import get_close_matches

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from northstar.settings.old_front_end import OldFrontEnd, old_variable
from northstar.settings.parsing import masked
from northstar.settings.table import Settings, flag, variable

# Settings whose value is never printed.
SECRETS = {"token", "headers", "auth_token", "auth_users", "screen_token", "alive_url"}
NUMBERS = {int: "a whole number", float: "a number"}


def explain(detail: ErrorDetails) -> str:
    """Return the names of the setting, the value found, unless it is secret, and the expected."""
    name = str(detail["loc"][0])
    names = [variable(name), flag(name)]
    if name in OldFrontEnd.model_fields:
        names.append(old_variable(name))
    found = "…" if name in SECRETS else repr(masked(str(detail["input"])))
    return f"{' / '.join(names)} is {found}: {_reason(name, detail)}"


def _reason(name: str, detail: ErrorDetails) -> str:
    """Return the reason of one of our parsers, or the form that the type requires."""
    field = Settings.model_fields[name]
    match detail["type"]:
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case "literal_error":
            return f"expected {detail['ctx']['expected'].replace(chr(39), '')}{_nearest(detail)}"
        case "string_too_short":
            return "expected a value that is not empty"
        case "string_unicode":
            return "expected text in UTF-8"
    if field.annotation is bool:
        return "expected true or false"
    return f"expected {NUMBERS[_number(field)]}{_bounds(field)}"


def _nearest(detail: ErrorDetails) -> str:
    """Return the permitted value that was probably meant, as a question."""
    near = get_close_matches(str(detail["input"]), detail["ctx"]["expected"].split("'")[1::2], 1)
    return f": did you mean {near[0]}?" if near else ""


def _number(field: FieldInfo) -> type:
    return int if field.annotation is int else float


def _bounds(field: FieldInfo) -> str:
    """Return the bounds of a number: ` from 1 to 65535`, ` above 0, up to 1000`."""
    bounds = {
        key: getattr(each, key)
        for each in field.metadata
        for key in ("ge", "gt", "le")
        if hasattr(each, key)
    }
    low = f" from {bounds['ge']:g}" if "ge" in bounds else ""
    low = f" above {bounds['gt']:g}," if "gt" in bounds else low
    if "le" not in bounds:
        return f"{low} up" if low else ""
    return f"{low} {'up ' if 'gt' in bounds else ''}to {_plain(bounds['le'])}"


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
