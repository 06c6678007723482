"""The time over which viewers reconnect together."""

import pytest

from northstar.live.population import Population
from support.frames import read_whole
from support.pipelines import running_pipeline


@pytest.mark.parametrize(
    ("viewers", "instances", "spread_s"),
    [(0, 1, 0), (199, 1, 0), (200, 1, 1), (10_000, 1, 50), (10_000, 4, 12)],
)
def test_spread(viewers: int, instances: int, spread_s: int) -> None:
    """Viewers reconnect at 200 a second per instance; a few do at once."""
    assert Population(viewers, instances).spread_s == spread_s


async def test_frames() -> None:
    """A frame has the time for the viewers of all instances, or none if they are few."""
    async with running_pipeline() as at:
        broadcast = at.pipeline.broadcast
        assert "spread_s" not in read_whole(broadcast.frame().whole)

        broadcast.elsewhere = Population(1200, 2)
        assert broadcast.population == Population(1201, 3)
        assert read_whole(broadcast.frame().whole)["spread_s"] == 2


async def test_truth() -> None:
    """In a cluster a frame has the truth of its state; in a single process it has none."""
    async with running_pipeline() as at:
        broadcast = at.pipeline.broadcast
        assert "truth" not in read_whole(broadcast.frame().whole)

        broadcast.truth = (1_770_000_000_000, 7)
        assert read_whole(broadcast.frame().whole)["truth"] == [1_770_000_000_000, 7]
