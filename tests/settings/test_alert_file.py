"""The file of alert rules and its mistakes."""

from decimal import Decimal
from pathlib import Path

import pytest

from northstar.alerts.quantities import Percent
from northstar.alerts.rules import KINDS, Severity
from northstar.errors import ConfigurationError
from northstar.settings.alert_file import parse_alert_file, read_alert_file

EXAMPLE = Path(__file__).parents[2] / "deploy" / "alerts.example.toml"


def mistakes(text: str) -> list[str]:
    """Return the lines of a file's error."""
    with pytest.raises(ConfigurationError) as caught:
        parse_alert_file(text)
    return str(caught.value).splitlines()


def test_example_has_every_kind() -> None:
    """The example is valid and has a rule of each kind."""
    example = read_alert_file(EXAMPLE)
    assert {rule.kind for rule in example.rules} == set(KINDS)
    assert example.receivers
    assert example.report


def test_fields_of_a_rule() -> None:
    """Durations, percentages, hours and days are read in their notation."""
    (rule,) = parse_alert_file("""
        [rules."net floor"]
        kind = "net_below"
        limit = "-12.5%"
        for = "1m30s"
        keep = 90
        severity = "critical"
        hours = "08:00-18:30"
        days = "mon-fri"
        to = []
    """).rules
    assert (rule.name, rule.severity, rule.to) == ("net floor", Severity.CRITICAL, ())
    assert rule.kind == "net_below"
    assert rule.limit == Percent(Decimal("-12.5"))
    assert (rule.for_s, rule.keep_s) == (90, 90)
    assert (str(rule.hours), str(rule.days)) == ("08:00–18:30", "mon,tue,wed,thu,fri")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[rules.a\n", "not valid TOML: "),
        ("[rules.a]\nkind='stale'\n[rules.a]\nkind='stale'", "(at line 3, column 9)"),
        ("[rule.a]\nkind='stale'", "did you mean rules?"),
        ("rules = 5", "rules: expected tables such as [rules.name]"),
        ("[rules]\na = 5", "rules.a: expected a table, [rules.a]"),
        ('[rules."\\n"]\nkind="stale"', "expected a name of up to 60 characters"),
        ("[rules.a]", "rules.a: kind is missing; expected one of net_below"),
        ("[rules.a]\nkind='net_belo'", "did you mean net_below?"),
        ("[rules.a]\nkind='net_below'", "rules.a: limit is missing"),
        ("[rules.a]\nkind='stale'\nfro=1", "fro: unknown field; expected days, for, hours"),
        ("[rules.a]\nkind='stale'\nfro=1", "did you mean for?"),
        ("[rules.a]\nkind='net_below'\nlimit=1\nclear=0", "clear: is on the wrong side of limit"),
        ("[rules.a]\nkind='net_above'\nlimit=1\nclear=2", "expected at most 1"),
        ("[rules.a]\nkind='net_above'\nlimit=1\nclear='1%'", "clear: expected the unit of limit"),
        ("[rules.a]\nkind='stale'\nto=['x']", "to names 'x', which is no receiver (there is none)"),
        ("[rules.a]\nkind='stale'\nfor='500'", "for is '500': expected a duration such as 30s"),
        ("[rules.a]\nkind='stale'\nfor=0.5", "for is 0.5: expected at least 1s"),
        ("[rules.a]\nkind='stale'\nfor=true", "for is True: expected a duration"),
        ("[rules.a]\nkind='stale'\nrepeat='5s'", "repeat is '5s': expected at least 60s"),
        ("[rules.a]\nkind='stale'\nhours='8-9'", 'expected hours such as "08:00-18:30"'),
        ("[rules.a]\nkind='stale'\nhours='08:00-08:00'", "leave the field out for all day"),
        ("[rules.a]\nkind='stale'\nhours='25:00-26:00'", "expected hours such as"),
        ("[rules.a]\nkind='stale'\ndays='monn'", "days is 'monn': expected all, or weekdays"),
        ("[rules.a]\nkind='stale'\nseverity='bad'", "expected 'info', 'warning' or 'critical'"),
        ("[rules.a]\nkind='books'\nlimit='5%'", "a percentage where an amount belongs"),
        (
            "[rules.a]\nkind='margin_below'\nlimit=5",
            'expected a percentage in quotes, such as "15%"',
        ),
        ("[rules.a]\nkind='loss_of_day'\nlimit=-5", "limit is -5: expected more than 0"),
        ("[rules.a]\nkind='net_below'\nlimit=nan", "limit is NaN: expected an amount"),
        ("[rules.a]\nkind='gap'\nlimit='0s'", "limit is '0s': expected at least 1"),
        ("[rules.a]\nkind='drawdown'\nlimit=5\nbasis='peak'", "expected 'day-peak', 'day-start'"),
        ("[rules.a]\nkind='restated'\nfor='5s'", "for is '5s': expected at most 0"),
        ("[receivers.a]", "receivers.a: expected either url, for apprise, or webhook"),
        ("[receivers.a]\nwebhook='ftp://x'", "webhook: expected https://… or http://…"),
        ("[receivers.a]\nwebhook='https://'", "webhook: expected https://… or http://…"),
        ("[receivers.a]\nwebhook='https://[x'", "webhook: expected https://… or http://…"),
        ("[receivers.a]\nurl='json://x'\nprivate=true", "private: is of a webhook"),
        ("[receivers.a]\nwebhook='https://x'\nprivate='yes'", "private is 'yes': expected a valid"),
        ("[receivers.a]\nurl='json://x'\nsecret='0123456789abcdef'", "secret: signs a webhook"),
        ("[report]\nto=[]", "report: expected either at or after_close = true"),
        ("[report]\nat='25:00'\nto=[]", "at is '25:00': expected a time such as"),
        ("[report]\nat='17:05'\nto=['x']", "report: to names 'x'"),
    ],
)
def test_mistake_in_a_file(text: str, expected: str) -> None:
    """A mistake is reported with its table, field, value and what is expected."""
    found = mistakes(text)
    assert any(expected in line for line in found), found


def test_secrets_are_not_printed() -> None:
    """A receiver's address and secret, which are credentials, are in no error."""
    text = "[receivers.a]\nurl = 5\nsecret = 'short'\nwebhook = ['https://token@host']"
    assert "short" not in "".join(mistakes(text))
    assert "token" not in "".join(mistakes(text))


def test_every_mistake_at_once(tmp_path: Path) -> None:
    """One error lists all mistakes of a file."""
    path = tmp_path / "alerts.toml"
    path.write_text("[rules.a]\nkind='stale'\nx=1\ny=2\n[rules.b]\n")
    with pytest.raises(ConfigurationError) as caught:
        read_alert_file(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: rules.") for line in lines)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing or not text is named."""
    with pytest.raises(ConfigurationError, match=r"No such file"):
        read_alert_file(tmp_path / "none.toml")
    path = tmp_path / "alerts.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"line 1 of .* is not UTF-8"):
        read_alert_file(path)
