"""The stream that the latest state came from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the stream's name; it is unknown for a state written earlier."""
    op.add_column("latest", sa.Column("source", sa.Text))
