"""A figure as a drawing."""

from northstar.view.shared.charts import Figure
from northstar.view.shared.drawn.axes import grid, labels
from northstar.view.shared.drawn.shapes import Drawing, Margin
from northstar.view.shared.drawn.traces import ring, shapes


def draw(figure: Figure) -> Drawing:
    """Return the drawing of a figure of `view/live/figures.py` or `view/history/figures.py`.

    It has what these figures use of plotly. Names and amounts of bars are not drawn.
    """
    layout = figure["layout"]
    margin = layout["margin"]
    return Drawing(
        Margin(*(margin[side] for side in "lrtb")),
        [*grid(layout), *shapes(figure)],
        list(labels(layout)),
        ring(figure),
    )
