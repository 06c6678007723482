"""Receivers and the daily report: the tables of a rule file besides the rules."""

from datetime import time
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    StrictBool,
    model_validator,
)

from northstar.domain.weekdays import EVERY_WEEKDAY, Weekdays, read_weekdays

SHORTEST_SECRET = 16


class Receiver(BaseModel):
    """A destination of alerts: a `url` of apprise, or a `webhook`.

    `secret` signs what is sent to the webhook; `private` permits it to be at a private address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: SecretStr | None = None
    webhook: SecretStr | None = None
    secret: Annotated[SecretStr, Field(min_length=SHORTEST_SECRET)] | None = None
    private: StrictBool = False

    @model_validator(mode="after")
    def _require_one_address(self) -> Self:
        if (self.url is None) == (self.webhook is None):
            raise ValueError("expected either url, for apprise, or webhook")
        if self.webhook and not _is_web_address(self.webhook.get_secret_value()):
            raise ValueError("webhook: expected https://… or http://…")
        if self.secret and self.url:
            raise ValueError("secret: signs a webhook; a url has none")
        if self.private and self.url:
            raise ValueError("private: is of a webhook; a url may be at any address")
        return self

    @property
    def kind(self) -> str:
        """The service, without what is secret: `webhook`, or the scheme of apprise's URL."""
        if self.url is None:
            return "webhook"
        return self.url.get_secret_value().partition(":")[0]


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_time(given: object) -> object:
    """Return a time of day such as `17:05`. Raises `ValueError` with the expected form."""
    try:
        return time.fromisoformat(given) if isinstance(given, str) else given
    except ValueError as error:
        raise ValueError('expected a time such as "17:05"') from error


class DailyReport(BaseModel):
    """A report once a day, `at` a local time or `after_close`, on `days`, to receivers."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    at: Annotated[InstanceOf[time], BeforeValidator(read_time)] | None = None
    after_close: bool = False
    days: Annotated[InstanceOf[Weekdays], BeforeValidator(read_weekdays)] = EVERY_WEEKDAY
    to: tuple[str, ...] | None = None
    attach: Literal["csv", "xlsx", "none"] = "none"

    @model_validator(mode="after")
    def _require_one_time(self) -> Self:
        if (self.at is None) != self.after_close:
            raise ValueError("expected either at or after_close = true")
        return self
