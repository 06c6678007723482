"""The stream that the latest state came from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add its name; of a state written before it is unknown."""
    op.add_column("latest", sa.Column("source", sa.Text))
