"""The state accepted last of each stream, so that one continues after another."""

import sqlalchemy as sa
from alembic import op

from northstar.history.schema import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table, with the stream of the latest state if that is known."""
    op.create_table(
        "streams",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("accepted_at", Instant, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.execute(
        "INSERT INTO streams (source, at, accepted_at, message)"
        " SELECT source, at, accepted_at, message FROM latest WHERE source IS NOT NULL"
    )
