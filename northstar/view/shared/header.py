"""Header of both pages: name, time, status, details and display settings."""

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from northstar import DESK
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN

# The details panel: rows on each hop and on the messages, by the last part of their ids.
DETAILS = (
    (
        "Source to server",
        {
            "source": "Source",
            "protocol": "Protocol",
            "link": "State",
            "data-age": "Last data",
            "problem": "Problem",
            "reconnects": "Reconnects",
            "clock": "Source clock",
            "api": "State from the API",
            "recording": "Recording",
            "history": "History",
            "replaying": "Replay time",
        },
    ),
    (
        "Server to page",
        {
            "page-link": "State",
            "page-age": "Last frame",
            "page-reconnects": "Reconnects",
            "page-skipped": "Frames skipped here",
            "skipped": "Frames skipped (all)",
            "viewers": "Viewers",
            "epoch": "Server epoch",
        },
    ),
    (
        "Messages",
        {
            "accepted": "Accepted",
            "rejected": "Rejected",
            "out-of-order": "Out of order",
            "ignored": "Ignored",
        },
    ),
)

OF_A_CLUSTER = (
    "Instances",
    {
        "instance": "This one",
        "behind": "Its state",
        "leader": "Leader",
        "instances": "Instances",
        "viewers-of-all": "Viewers of all",
    },
)

# Display settings of a viewer, stored in the browser: see assets/35-choices.js.
CHOICES = {
    "theme": ("Theme", {"": "System", "dark": "Dark", "light": "Light"}),
    "palette": ("Colours", {"": "Standard", "safe": "Colour-blind safe"}),
}


def header(
    desk: str = DESK,
    badge: Component | None = None,
    pill: Component | None = None,
    *,
    in_cluster: bool = False,
) -> Component:
    """Return the header with every value unknown; `desk` is the name of the desk.

    `badge` is what names a source that is not live, if more than a label; `pill` is about alerts.
    `in_cluster` is whether there are details of other instances.
    """
    return html.Header(
        [
            brand("P&L", desk),
            badge or html.Span(id=Id.SOURCE, title="These numbers are not real."),
            html.Div(
                [
                    html.Span("as of ", className="label"),
                    html.Time(UNKNOWN, id=Id.AS_OF),
                    html.Span(id=Id.AGE),
                    html.Span(id=Id.AS_OF_DAY, className="label day"),
                ],
                className="as-of",
            ),
            *([] if pill is None else [pill]),
            _status(OF_A_CLUSTER) if in_cluster else _status(),
            link("History", "history"),
            display(html.A("Wall screen, without controls", href="?kiosk")),
        ]
    )


def brand(product: str, desk: str = DESK) -> Component:
    """Return the name of the desk and of this page."""
    return html.H1(
        [
            html.Span(desk, className="brand"),
            html.Span(product, className="product"),
        ]
    )


def link(text: str, address: str) -> Component:
    """Return a link to the other page."""
    label = {"aria-label": text}
    return html.A(html.Span(text), href=address, className="control other-page", **label)


def _status(*more: tuple[str, Mapping[str, str]]) -> Component:
    """Return the status, which opens the details panel, with `more` sections."""
    summary = html.Summary(
        [
            html.I(className="dot"),
            html.Span("Connecting", id=Id.FEED_WORD),
            html.Span(id=Id.FEED_DETAIL, className="detail"),
        ],
        id=Id.FEED_STATUS,
        title="Details of the connection",
        **{"data-state": "connecting", "data-source": ""},
    )
    details = html.Details(
        [summary, html.Div(list(map(_details, (*DETAILS, *more))), className="popover")],
        id=Id.DETAILS,
        className="status",
    )
    announcement = html.Span(id=Id.FEED_SAID, role="status", className="visually-hidden")
    return html.Div([details, announcement])


def _details(section: tuple[str, Mapping[str, str]]) -> Component:
    heading, labels = section
    rows = [
        html.Div([html.Dt(label), html.Dd(UNKNOWN, id=part(Id.DETAILS, name))])
        for name, label in labels.items()
    ]
    return html.Section([html.H2(heading), html.Dl(rows)])


def display(*more: Component) -> Component:
    """Return the menu of this viewer's display settings, with `more` items."""
    return html.Details(
        [
            html.Summary(html.Span("Display"), id=Id.DISPLAY, title="Theme and colours"),
            html.Div(
                [
                    *(_choice(name, *choice) for name, choice in CHOICES.items()),
                    *more,
                    _print(),
                    _keys(),
                    _sign_out(),
                ],
                className="popover",
            ),
        ],
        className="display",
    )


def _print() -> Component:
    button = html.Button("Print or PDF", **{"data-print": ""})
    return html.Div(button, className="choice")


def _keys() -> Component:
    button = html.Button("Keys", **{"data-keys": ""})
    return html.Div(button, className="choice")


def _sign_out() -> Component:
    """Return the sign-out button, visible only if there is a sign-in page."""
    button = html.Button("Sign out")
    return html.Form(button, action="sign-out", method="post", className="choice sign-out")


def _choice(name: str, label: str, options: Mapping[str, str]) -> Component:
    buttons = [
        html.Button(text, **{"data-choice": name, "data-value": value, "aria-pressed": "false"})
        for value, text in options.items()
    ]
    return html.Div(
        [html.H2(label), *buttons], role="group", className="choice", **{"aria-label": label}
    )
