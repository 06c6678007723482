"""Compose notifications about events, with a picture of the chart."""

import logging
from collections.abc import Mapping, Sequence

from northstar.alerts.notifications import Notification
from northstar.alerts.rules import BaseRule
from northstar.alerts.states import Event
from northstar.domain.snapshot import Snapshot
from northstar.errors import PictureError
from northstar.live.intake import Intake
from northstar.live.pictures import alert_png
from northstar.view.alerts.messages import Context, notification
from northstar.view.live.pictures import state_labels
from northstar.view.shared import theme
from northstar.view.shared.assets import ASSETS
from northstar.view.shared.ids import Id
from northstar.view.shared.money import Notation

log = logging.getLogger(__name__)

STYLE = ASSETS / "10-tokens.css"


def light_colours() -> Mapping[str, str]:
    """Return the colours of the light theme by name, for pictures in messages."""
    return theme.colours(STYLE.read_text("utf-8"), light=True)


class Composer:
    """Writes the messages of a pipeline's alerts; `rules` are by name."""

    def __init__(
        self, intake: Intake, rules: Mapping[str, BaseRule], notation: Notation, context: Context
    ) -> None:
        self._intake = intake
        self._rules = rules
        self._notation = notation
        self._context = context
        self._colours = light_colours()

    async def compose(self, events: Sequence[Event]) -> Notification:
        """Return one message about one or more events."""
        snapshot = self._intake.current
        picture = await self._picture(snapshot) if snapshot else None
        return notification(events, self._rules, self._notation, self._context, picture)

    async def _picture(self, snapshot: Snapshot) -> bytes | None:
        """Return the waterfall of the newest state; None if this machine makes no pictures."""
        labels = state_labels(self._intake.status())
        try:
            return await alert_png(
                Id.CHART_WATERFALL, snapshot, labels, self._notation, self._colours
            )
        except PictureError as error:
            log.warning("an alert is sent without a picture: %s", error)
            return None
