"""Read the file of alert rules."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from northstar.alerts.receivers import DailyReport, Receiver
from northstar.alerts.rules import KINDS, Rule
from northstar.errors import ConfigurationError
from northstar.settings.parsing import decode
from northstar.settings.paths import read_bytes

TABLES = ("rules", "receivers", "report")
SECRETS = {"url", "webhook", "secret"}  # fields whose value is never printed
LONGEST_NAME = 60

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class AlertFile:
    """The rules, the receivers by name, and the daily report if there is one."""

    rules: Sequence[Rule] = ()
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    report: DailyReport | None = None


def read_alert_file(path: Path) -> AlertFile:
    """Return the content of a rule file.

    Raises `ConfigurationError` with a line for each mistake: file, table, field, what it is and
    what is expected.
    """
    try:
        return parse_alert_file(decode(read_bytes(path), str(path)))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except ConfigurationError as error:
        lines = "\n".join(f"{path}: {each}" for each in str(error).splitlines())
        raise ConfigurationError(lines) from error
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def parse_alert_file(text: str) -> AlertFile:
    """Return the content of a rule file; raises as `read_alert_file`, without the path."""
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not valid TOML: {error}") from error
    reader = _Reader()
    for name in given:
        if name not in TABLES:
            reader.note(f"{name}: unknown; expected {', '.join(TABLES)}{_nearest(name, TABLES)}")
    rules = reader.rules(given.get("rules", {}))
    receivers = reader.all_of(Receiver, "receivers", given.get("receivers", {}))
    report = reader.one(DailyReport, "report", given["report"]) if "report" in given else None
    for rule in rules.values():
        reader.require(rule.to, receivers, f"rules.{rule.name}")
    if report:
        reader.require(report.to, receivers, "report")
    if reader.mistakes:
        raise ConfigurationError("\n".join(reader.mistakes))
    return AlertFile(tuple(rules.values()), receivers, report)


class _Reader:
    """Reads tables, and collects the mistakes in them."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def note(self, mistake: str) -> None:
        self.mistakes.append(mistake)

    def rules(self, tables: object) -> dict[str, Any]:
        """Return the rules by name."""
        found = {}
        for name, table in self._named(tables, "rules"):
            kind = str(table.get("kind", ""))
            if kind not in KINDS:
                wrong = f"is {kind!r}" if kind else "is missing"
                expected = f"expected one of {', '.join(KINDS)}{_nearest(kind, KINDS)}"
                self.note(f"rules.{name}: kind {wrong}; {expected}")
            elif rule := self.one(KINDS[kind], f"rules.{name}", {"name": name, **table}):
                found[name] = rule
        return found

    def all_of(self, model: type[Model], place: str, tables: object) -> dict[str, Model]:
        """Return the models of named tables, by name."""
        read = {
            name: self.one(model, f"{place}.{name}", {"name": name, **table})
            for name, table in self._named(tables, place)
        }
        return {name: each for name, each in read.items() if each}

    def one(self, model: type[Model], place: str, table: object) -> Model | None:
        """Return the model of a table; None if there are mistakes in it."""
        try:
            return model.model_validate(table)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.note(f"{place}: {_explained(model, detail)}")
            return None

    def require(
        self, named: Iterable[str] | None, receivers: Mapping[str, Receiver], place: str
    ) -> None:
        """Note the receivers that are named and do not exist."""
        for name in named or ():
            if name not in receivers:
                known = ", ".join(receivers) or "there is none"
                hint = _nearest(name, receivers)
                self.note(f"{place}: to names {name!r}, which is no receiver ({known}){hint}")

    def _named(self, tables: object, place: str) -> Iterable[tuple[str, dict[str, Any]]]:
        """Yield the tables below one, as in `[rules.NAME]`."""
        if not isinstance(tables, dict):
            self.note(f"{place}: expected tables such as [{place}.name]")
            return
        for name, table in tables.items():
            if not isinstance(table, dict):
                self.note(f"{place}.{name}: expected a table, [{place}.{name}]")
            elif not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
                self.note(f"{place}: {name!r}: expected a name of up to {LONGEST_NAME} characters")
            else:
                yield name, table


def _explained(model: type[BaseModel], detail: ErrorDetails) -> str:
    """Return what is wrong with a field, in our words instead of those of pydantic."""
    name = str(detail["loc"][0]) if detail["loc"] else ""
    fields = {each.alias or own for own, each in model.model_fields.items()} - {"name"}
    reason = detail["msg"].removeprefix("Value error, ")
    match detail["type"]:
        case "extra_forbidden":
            expected = f"expected {', '.join(sorted(fields))}{_nearest(name, fields)}"
            return f"{name}: unknown field; {expected}"
        case "missing":
            return f"{name} is missing"
        case "value_error" if not name:  # of several fields; the text names them
            return reason
        case "value_error":
            pass
        case "literal_error" | "enum":
            reason = f"expected {detail['ctx']['expected']}"
        case "greater_than_equal":
            reason = f"expected at least {detail['ctx']['ge']}"
        case "less_than_equal":
            reason = f"expected at most {detail['ctx']['le']}"
        case _:
            reason = f"expected {reason.removeprefix('Input should be ')}"
    given = detail["input"]
    found = "…" if name in SECRETS else str(given) if isinstance(given, Decimal) else repr(given)
    return f"{name} is {found}: {reason}"


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the name that was probably meant, as a question."""
    near = get_close_matches(name, [*known], 1)
    return f": did you mean {near[0]}?" if near else ""
