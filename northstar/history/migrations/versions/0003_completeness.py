"""Whether a day is complete, the day that it repeats, and where restatements came from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; they are unknown for rows written earlier."""
    op.add_column("days", sa.Column("complete", sa.Boolean))
    op.add_column("days", sa.Column("repeats", sa.Date))
    op.add_column("restatements", sa.Column("origin", sa.Text))
