"""`northstar alerts`: check a file of rules, and try it on a recording."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from northstar.alerts.evaluation import Evaluator
from northstar.alerts.notifications import Notification
from northstar.alerts.receivers import Receiver
from northstar.alerts.states import trial_event
from northstar.domain.ledger import Ledger
from northstar.errors import ConfigurationError, DeliveryError
from northstar.feeds.recording import read
from northstar.live.delivery import DELIVERED
from northstar.live.trial import Trial
from northstar.receivers import sending
from northstar.settings.alert_file import AlertFile, read_alert_file
from northstar.settings.command_line import CommandLine
from northstar.settings.loading import load
from northstar.settings.table import Settings
from northstar.view.alerts.lines import line
from northstar.view.alerts.messages import notification
from northstar.view.alerts.sentences import sentence
from northstar.view.shared.money import Notation
from northstar.wiring import create_calendar, create_context, tolerance

OTHERS = "Other options are settings, such as --currency and --timezone."


def run(arguments: Sequence[str], program: str) -> None:
    """Run a command of `northstar alerts`. Raises `ConfigurationError`."""
    given, others = _parser(program).parse_known_args(arguments)
    given.run(given, others)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandLine(prog=f"{program} alerts", description="Check and try rules of alerts.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=CommandLine)
    check = commands.add_parser("check", help="check a file, and print each rule", epilog=OTHERS)
    check.set_defaults(run=_check)
    attempt = commands.add_parser(
        "try", help="print when each rule would have fired", epilog=OTHERS
    )
    attempt.add_argument("--replay", metavar="FILE", required=True, help="a recording")
    attempt.set_defaults(run=_try)
    test = commands.add_parser(
        "test", help="send a message marked TEST, as a rule would", epilog=OTHERS
    )
    test.add_argument("--rule", metavar="NAME", help="the rule; by default the first")
    test.set_defaults(run=_test)
    for each in (check, attempt, test):
        each.add_argument("file", metavar="FILE", type=Path, help="a file of rules")
    return parser


def _check(given: argparse.Namespace, others: Sequence[str]) -> None:
    """Print each rule as a sentence, if the dashboard would start with the file."""
    file, settings = read_alert_file(given.file), load(["--demo", *others])
    sending.check(file.receivers.values())
    for rule in file.rules:
        print(f"{rule.name}: {sentence(rule, _notation(settings))}")
    print(f"{given.file} is valid: {_count(file)}")


def _try(given: argparse.Namespace, others: Sequence[str]) -> None:
    """Print when each rule would have fired, and its events."""
    file, settings = read_alert_file(given.file), load(["--replay", given.replay, *others])
    rules = {rule.name: rule for rule in file.rules}
    evaluator = Evaluator(file.rules, [*file.receivers], settings.timezone)
    ledger = Ledger(
        create_calendar(settings),
        settings.event,
        max_rows=settings.max_rows,
        tolerance=tolerance(settings),
    )
    count = 0
    with closing(read(Path(given.replay))) as recording:
        for event in Trial(evaluator, ledger, settings.stale_after).run(recording):
            count += 1
            at = event.at.astimezone(settings.timezone)
            text = line(event, rules.get(event.alert.rule), _notation(settings))
            print(f"{at:%Y-%m-%d %H:%M:%S} {text}")
    print(f"{count} event{'' if count == 1 else 's'} of {_count(file)}")


def _test(given: argparse.Namespace, others: Sequence[str]) -> None:
    """Send a message of a rule to its receivers, marked TEST."""
    file, settings = read_alert_file(given.file), load(["--demo", *others])
    sending.check(file.receivers.values())
    rules = {rule.name: rule for rule in file.rules}
    rule = rules.get(given.rule) if given.rule else next(iter(rules.values()), None)
    if rule is None:
        raise ConfigurationError(f"there is no rule {given.rule!r}; expected {', '.join(rules)}")
    event = trial_event(rule, datetime.now(UTC))
    context = create_context(settings, is_test=True)
    message = notification([event], rules, _notation(settings), replace(context, unreal=""))
    named = file.receivers if rule.to is None else rule.to
    results = asyncio.run(_send_to_all({name: file.receivers[name] for name in named}, message))
    for name, result in results.items():
        print(f"{name}: {result}")
    if any(result != DELIVERED for result in results.values()):
        raise DeliveryError("the test was not delivered everywhere")


async def _send_to_all(named: Mapping[str, Receiver], message: Notification) -> Mapping[str, str]:
    """Send a message to receivers concurrently; return the outcome for each."""

    async def send(receiver: Receiver) -> str:
        try:
            await sending.create(receiver).send(message)
        except DeliveryError as error:
            return f"not delivered: {error}"
        return DELIVERED

    return dict(zip(named, await asyncio.gather(*map(send, named.values())), strict=True))


def _count(file: AlertFile) -> str:
    rules, receivers = len(file.rules), len(file.receivers)
    return (
        f"{rules} rule{'' if rules == 1 else 's'},"
        f" {receivers} receiver{'' if receivers == 1 else 's'}"
    )


def _notation(settings: Settings) -> Notation:
    return Notation(settings.locale, settings.currency, settings.decimals)
