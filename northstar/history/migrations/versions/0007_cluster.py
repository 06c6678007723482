"""State shared by cluster instances, and the oldest schema whose programs may use this one."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from northstar.history.schema import Whole

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables, and the one row of the lease."""
    unlogged = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    lease = op.create_table(
        "lease",
        sa.Column("one", sa.Boolean, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    nobody = {"one": True, "epoch": 0, "holder": "", "taken_at": long_ago, "until": long_ago}
    op.bulk_insert(lease, [nobody])
    op.create_table(
        "truth",
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        prefixes=unlogged,
    )
    op.create_table(
        "instances",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("viewers", sa.Integer, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        prefixes=unlogged,
    )
    op.create_table(
        "requests",
        sa.Column("number", Whole, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    compatibility = op.create_table("compatibility", sa.Column("oldest", sa.Text, primary_key=True))
    op.bulk_insert(compatibility, [{"oldest": revision}])
    keys = op.create_table("keys", sa.Column("value", sa.LargeBinary, primary_key=True))
    op.bulk_insert(keys, [{"value": secrets.token_bytes(32)}])
