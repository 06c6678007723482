"""NorthStar: a live profit-and-loss dashboard for one stream of `pnl-update` messages."""

__version__ = "0.5.0"
DESK = "NorthStar Synergy"  # the name on the pages, unless the settings have another
