"""The first tables."""

import sqlalchemy as sa
from alembic import op

from northstar.history.schema import Exact, Instant, Whole

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the states of seconds and minutes, the latest, days and their restatements."""
    for name in ("seconds", "minutes", "latest"):
        op.create_table(
            name,
            sa.Column("start", Whole, primary_key=True, autoincrement=False),
            sa.Column("at", Instant, nullable=False),
            sa.Column("accepted_at", Instant, nullable=False),
            sa.Column("revenue", Exact, nullable=False),
            sa.Column("expenses", Exact, nullable=False),
            sa.Column("message", sa.Text, nullable=False),
        )
    op.create_table(
        "days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("at", Instant),
        sa.Column("accepted_at", Instant, nullable=False),
        sa.Column("closes_at", Instant, nullable=False),
        sa.Column("revenue", Exact, nullable=False),
        sa.Column("expenses", Exact, nullable=False),
        sa.Column("message", sa.Text),
    )
    op.create_table(
        "restatements",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("accepted_at", Instant, nullable=False),
        sa.Column("revenue", Exact, nullable=False),
        sa.Column("expenses", Exact, nullable=False),
    )
