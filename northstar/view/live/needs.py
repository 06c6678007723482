"""Texts about open alerts: the pill in the header, and the part of the sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from northstar.alerts.rules import BaseRule, Severity
from northstar.alerts.states import Alert
from northstar.view.alerts.phrases import topic
from northstar.view.shared.money import Notation


@dataclass(frozen=True, slots=True)
class Needs:
    """The texts about open alerts in a frame; a page with an older `version` fetches the panel.

    `level` is the worst severity of those that need attention, empty if none does. `worst` says
    what it is about, for a wall screen, where the panel cannot be opened; `brief` is the pill on a
    phone, empty if it is short enough.
    """

    pill: str
    sentence: str
    level: str
    version: int
    worst: str = ""
    brief: str = ""


def needs(
    alerts: Sequence[Alert],
    rules: Mapping[str, BaseRule],
    problem: str | None,
    version: int,
    write: Notation,
) -> Needs:
    """Return what open alerts need; `problem` is why they cannot be stored."""
    waiting = [alert for alert in alerts if alert.acknowledged is None]
    if waiting:
        count = len(waiting)
        need = "needs you" if count == 1 else "need you"
        worst = max(waiting, key=lambda alert: alert.severity.rank)
        sentence = f"{count} alert{'s' * (count > 1)} {need}"
        more = f", {count - 1} more" if count > 1 else ""
        words = f"{topic(worst, rules.get(worst.rule), write)}{more}"
        return Needs(f"{count} {need}", sentence, worst.severity, version, words, str(count))
    if problem:
        sentence, level = "alerts are not stored", Severity.WARNING
        return Needs("Alerts not stored", sentence, level, version, brief="not stored")
    if alerts:
        count = len(alerts)
        return Needs(f"Alerts: {count} open", "", "", version, brief=f"{count} open")
    return Needs("Alerts", "", "", version)
