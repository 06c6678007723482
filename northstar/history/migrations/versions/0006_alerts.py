"""States and events of alerts, daily reports, and the deliveries of both."""

import sqlalchemy as sa
from alembic import op

from northstar.history.schema import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "alerts",
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "silences",
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("until", Instant, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "alert_events",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False, index=True),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("receiver", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False, index=True),
        sa.Column("due", Instant, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", Instant),
        sa.Column("result", sa.Text),
    )
