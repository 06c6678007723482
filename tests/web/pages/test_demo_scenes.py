"""The scene of a demo: who may choose another, and what viewers then get."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from northstar.settings.table import Settings
from northstar.web.app import create_server
from support.guards import NOWHERE
from support.inprocess import dashboard, next_frame
from support.waiting import until

TOKEN, SCREEN = "a-token-of-the-desk", "a-token-of-a-screen"
HOST = "http://127.0.0.1:8050"
FRIEND = "https://friend.example"


@asynccontextmanager
async def viewer(settings: Settings, token: str = "") -> AsyncIterator[AsyncClient]:
    """Return a client of a server whose feed does not run."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = ASGITransport(create_server(settings), client=("127.0.0.1", 1))
    async with AsyncClient(transport=transport, base_url=HOST, headers=headers) as client:
        yield client


async def choose(client: AsyncClient, scene: str, **headers: str) -> Response:
    """Choose a scene as the page does."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/demo", data={"scene": scene}, headers=named)


def test_another_scene() -> None:
    """Every viewer gets the agents of the chosen scene; the source stays connected."""
    with dashboard(Settings(demo=True)) as at, at.open("/view-stream") as other:
        until(lambda: at.get("/api/pnl").status_code == 200, what="there is data")
        assert at.get("/demo").json()["scene"] == "story"
        answer = at.post(
            "/demo", data={"scene": "crowd"}, headers={"Origin": f"http://{at.address}"}
        )

        assert answer.json() == {
            "scene": "crowd",
            "text": "40 agents earn, 40 categories cost.",
            "left_s": None,
        }
        assert answer.headers["cache-control"] == "no-store"
        until(lambda: "agent-rows-39-net" in next_frame(other)["props"], what="the crowd is shown")
        assert at.get("/api/feed").json()["reconnects"] == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "null", FRIEND, "http://localhost:9"])
async def test_choice_from_another_site(origin: str) -> None:
    """A form or script of another site is refused, even if that site may open the sockets."""
    settings = Settings(demo=True, allowed_origins=(FRIEND,))
    async with viewer(settings) as client:
        refused = await choose(client, "loss", Origin=origin)
        shown = await client.get("/demo")

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.json() == {"error": "this form was sent from another site"}
    assert shown.json()["scene"] == "story"


async def test_choice_without_a_demo() -> None:
    """A server of a real stream has neither caption nor choice."""
    async with viewer(Settings(ws_url=NOWHERE)) as client:
        refused = await choose(client, "loss", Origin=HOST)
        missing = await client.get("/demo")

    assert refused.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert missing.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("token", "status"), [("", 401), (TOKEN + "x", 401), (SCREEN, 403), (TOKEN, 200)]
)
async def test_choice_by_whom(token: str, status: int) -> None:
    """A signed-in user may choose; a wall screen may not."""
    settings = Settings(demo=True, auth_token=SecretStr(TOKEN), screen_token=SecretStr(SCREEN))
    async with viewer(settings, token) as client:
        answer = await choose(client, "loss", Origin=HOST)
        shown = await client.get("/demo")

    assert answer.status_code == status
    assert shown.status_code == (401 if status == 401 else 200)


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        ("clam", "no such scene: did you mean calm?"),
        ("", "no such scene: expected story, calm, loss, crowd, hostile, offline"),
    ],
)
async def test_unknown_scene(scene: str, reason: str) -> None:
    """An unknown scene is refused with the closest name."""
    async with viewer(Settings(demo=True)) as client:
        refused = await choose(client, scene, Origin=HOST)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused.json() == {"error": reason}


async def test_many_choices() -> None:
    """Twenty choices a minute are accepted from one address."""
    async with viewer(Settings(demo=True)) as client:
        answers = [await choose(client, "loss") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


async def test_large_body() -> None:
    """A body beyond the limit is refused."""
    async with viewer(Settings(demo=True, max_body_kb=1)) as client:
        refused = await choose(client, "x" * 2000)

    assert refused.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
