"""Every agent: as cards beside the chart, or in a table if there are more than the chart has.

The table's rows are numbered by name and sorted in the browser (assets/68-agents.js), so that a
change of rank is a change of numbers and not of rows.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from northstar.domain.arithmetic import percentage, total
from northstar.domain.shares import contributions
from northstar.domain.snapshot import Snapshot
from northstar.reports.parts import Part, PartKind
from northstar.view.live.earners import NAMED, Earner, earners
from northstar.view.live.links import mark, part_link
from northstar.view.live.sections import made_of
from northstar.view.shared.compact import brief
from northstar.view.shared.ids import Id, part
from northstar.view.shared.money import UNKNOWN, Notation
from northstar.view.shared.panels import (
    Props,
    Rows,
    Texts,
    amount_props,
    numbers,
    room_for,
    stat,
    summary_of,
    swatch,
    tone,
)

COLUMNS = ("Net", "Revenue", "Expenses", "Contribution", "Margin")
SORTED_BY = "Net"  # at first, highest first

# An agent's name, its colour and the source's name.
Named: TypeAlias = tuple[str, str, str]


@made_of("agent_attribution")
def agents(snapshot: Snapshot, write: Notation) -> Texts:
    """Return the agents and their numbers, and the sums of all."""
    ranked = earners(snapshot)
    whole = list_of(snapshot)
    listed = _by_name(ranked) if whole is Id.AGENT_ROWS else ranked
    names = _names(listed)
    amounts = [brief(a, write) for agent in listed for a in (agent.revenue, agent.expenses)]
    content: Texts = {
        **_sums(ranked, write, known=snapshot.state.agent_attribution is not None),
        Id.AGENTS_PANEL: {"data-listed": "table" if whole is Id.AGENT_ROWS else "cards"},
        Id.AGENT_CARDS: {"children": (), **room_for(amounts)},
        Id.AGENT_ROWS: {"children": ()},
    }
    if whole is Id.AGENT_ROWS:
        content |= {whole: {"children": _rows(names)}, **_bars(listed, write)}
    else:
        content[whole] = {**content[whole], "children": _cards(names)}
    parts = contributions([agent.net for agent in listed])
    for row, (agent, contribution) in enumerate(zip(listed, parts, strict=True)):
        content |= numbers(whole, row, **_numbers(agent, contribution, write))
    return content


def list_of(snapshot: Snapshot) -> Id:
    """Return what lists the agents: the table if there are more than have bars in the chart."""
    return Id.AGENT_ROWS if len(snapshot.agents) > NAMED else Id.AGENT_CARDS


def ranked_rows(snapshot: Snapshot) -> Texts:
    """Return the table's rows with the highest net first, for a page before its scripts run."""
    if list_of(snapshot) is not Id.AGENT_ROWS:
        return {}
    listed = _by_name(earners(snapshot))
    rows = _rows(_names(listed))
    ranks = sorted(range(len(listed)), key=lambda row: listed[row].net, reverse=True)
    return {Id.AGENT_ROWS: {"children": tuple(rows[row] for row in ranks)}}


def _by_name(ranked: Sequence[Earner]) -> Sequence[Earner]:
    """Return agents by name; those of one name stay in order."""
    return sorted(ranked, key=lambda agent: agent.name)


def _names(listed: Sequence[Earner]) -> tuple[Named, ...]:
    return tuple((each.name, each.colour, each.source_name) for each in listed)


def _sums(shown: Sequence[Earner], write: Notation, *, known: bool) -> Texts:
    earned = total(agent.revenue for agent in shown)
    spent = total(agent.expenses for agent in shown)
    return summary_of(
        Id.AGENTS_SUMMARY,
        revenue=amount_props(earned if known else None, write),
        expenses=amount_props(spent if known else None, write),
        net=amount_props(earned - spent if known else None, write),
        margin={
            "children": write.percent(percentage(earned - spent, earned)) if known else UNKNOWN
        },
    )


def _numbers(agent: Earner, contribution: Decimal | None, write: Notation) -> dict[str, Props]:
    look = {"className": tone(write.shown(agent.net))}
    return {
        "net": {**amount_props(agent.net, write), **look},
        "revenue": amount_props(agent.revenue, write),
        "expenses": amount_props(agent.expenses, write),
        "contribution": {"children": write.percent(contribution)},
        "margin": {"children": write.percent(percentage(agent.net, agent.revenue))},
    }


# ---- Cards ---------------------------------------------------------------------------------------


@lru_cache(maxsize=8)  # names rarely change
def _cards(names: tuple[Named, ...]) -> Rows:
    return tuple(_card(row, *name) for row, name in enumerate(names))


def _card(row: int, name: str, colour: str, source_name: str) -> Component:
    def number(label: str) -> Component:
        return stat(label, part(Id.AGENT_CARDS, row, label.lower()))

    return html.Li(
        [
            html.H3([swatch(colour), part_link(PartKind.AGENT, name, source_name)], title=name),
            html.Strong(id=part(Id.AGENT_CARDS, row, "net")),
            html.Dl([number(label) for label in COLUMNS if label != SORTED_BY]),
        ],
        className="agent",
        **mark(Part(PartKind.AGENT, name)),
    )


# ---- Table ---------------------------------------------------------------------------------------


def agent_table() -> Component:
    """Return the table, empty: its heads sort it."""
    heads = [_head("Agent"), *map(_head, COLUMNS)]
    region = {"role": "region", "aria-label": "Agents"}
    return html.Div(
        html.Table([html.Thead(html.Tr(heads)), html.Tbody(id=Id.AGENT_ROWS)]),
        id=Id.AGENT_TABLE,
        className="earners",
        tabIndex="0",
        **region,
    )


def _head(label: str) -> Component:
    sorting: dict[str, Any] = {"aria-sort": "descending"} if label == SORTED_BY else {}
    column = {"data-column": label.lower()}
    return html.Th(html.Button(label), scope="col", **column, **sorting)


@lru_cache(maxsize=8)
def _rows(names: tuple[Named, ...]) -> Rows:
    return tuple(_row(row, *name) for row, name in enumerate(names))


def _row(row: int, name: str, colour: str, source_name: str) -> Component:
    def cell(label: str) -> Component:
        return html.Td(id=part(Id.AGENT_ROWS, row, label.lower()))

    marks = [swatch(colour)] if colour else []
    bar = html.I(id=part(Id.AGENT_ROWS, row, "bar"), className="bar")
    net = html.Strong(id=part(Id.AGENT_ROWS, row, "net"))
    return html.Tr(
        [
            html.Th([*marks, part_link(PartKind.AGENT, name, source_name)], scope="row"),
            html.Td([net, bar], className="net"),
            *(cell(label) for label in COLUMNS if label != SORTED_BY),
        ],
        id=part(Id.AGENT_ROWS, row),
        **mark(Part(PartKind.AGENT, name)),
    )


def _bars(listed: Sequence[Earner], write: Notation) -> Texts:
    """Return each bar's length, and where all begin, in whole percent of the room for them."""
    nets = [agent.net for agent in listed]
    lowest, highest = min(*nets, Decimal(0)), max(*nets, Decimal(0))
    span = highest - lowest or Decimal(1)
    amounts = [brief(a, write) for each in listed for a in (each.net, each.revenue, each.expenses)]
    room = room_for(amounts)["style"]
    content: Texts = {Id.AGENT_TABLE: {"style": {**room, "--zero": round(-lowest / span * 100)}}}
    for row, net in enumerate(nets):
        bar = part(Id.AGENT_ROWS, row, "bar")
        content[bar] = {"style": {"--net": round(net / span * 100)}}
    return content
