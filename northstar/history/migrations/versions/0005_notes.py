"""Notes of days, and the audit of what viewers changed."""

import sqlalchemy as sa
from alembic import op

from northstar.history.schema import Instant, Whole

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables; numbers are never used again."""
    op.create_table(
        "notes",
        sa.Column("number", Whole, primary_key=True),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("at", Instant),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("deleted_at", Instant),
        sa.Column("deleted_by", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("number", Whole, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
