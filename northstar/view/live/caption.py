"""Caption of the demo: the badge, and behind it what is shown now and the choice of a scene."""

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN


def caption(scenes: Mapping[str, str]) -> Component:
    """Return the badge of the demo, which opens its caption; opening it loads the texts.

    `scenes` has what each scene is about, by name.
    """
    now = html.Section(
        [
            html.H2("Now"),
            html.P(UNKNOWN, id=part(Id.CAPTION, "text"), role="status"),
            html.P(id=part(Id.CAPTION, "left"), className="left"),
        ]
    )
    choice = html.Div(
        [
            html.H2("Scene, for all viewers", id=part(Id.CAPTION, "scenes")),
            *(_scene(name, about) for name, about in scenes.items()),
            html.P(id=part(Id.CAPTION, "problem"), className="problem", role="alert"),
        ],
        role="group",
        className="choice",
        **{"aria-labelledby": part(Id.CAPTION, "scenes")},
    )
    return html.Details(
        [
            html.Summary(id=Id.SOURCE, title="These numbers are not real: what is shown"),
            html.Div([now, choice], className="popover"),
        ],
        id=Id.CAPTION,
    )


def _scene(name: str, about: str) -> Component:
    texts = [html.Span(name.capitalize(), className="name"), html.Span(about, className="about")]
    return html.Button(texts, **{"data-scene": name, "aria-pressed": "false"})
