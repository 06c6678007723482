"""Internals of tenacity that northstar/feeds/link.py uses, hook by hook."""

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from northstar.errors import LinkError


async def test_attempt_number() -> None:
    """`RetryCallState.attempt_number` can be set during an attempt and is counted on."""
    failures: list[int] = []

    def wait(state: RetryCallState) -> float:
        failures.append(state.attempt_number)
        return 0

    async for attempt in AsyncRetrying(retry=retry_if_exception_type(LinkError), wait=wait):
        with attempt:
            if len(failures) == 2:
                attempt.retry_state.attempt_number = 1
            if len(failures) < 4:
                raise LinkError("refused")

    assert failures == [1, 2, 1, 2]
