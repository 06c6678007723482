"""Failed sign-ins by address, which the instances of a cluster count together."""

import sqlalchemy as sa
from alembic import op

from northstar.history.schema import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table, unlogged: its rows need not survive a crash."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "attempts",
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("until", Instant, nullable=False, index=True),
        sa.Column("events", sa.Integer, nullable=False),
        prefixes=["UNLOGGED"] if is_postgresql else [],
    )
