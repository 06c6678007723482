"""Patches: small for small differences, and correct after each."""

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from northstar.view.live.patches import patch
from support.frames import patched
from support.programs import find_node


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        (1, 1, {}),
        ("$1.00", "$2.00", "$2.00"),
        ({"b": 2, "a": 1}, {"b": 3, "a": 1}, {1: 3}),
        ({"a": 1, "b": 2}, {"b": 2}, {0: None}),
        ({"b": 2}, {"a": 1, "b": 3}, {"a": 1, 0: 3}),
        ({"a": {"b": [1, 2, 3]}}, {"a": {"b": [1, 2, 4]}}, {0: {0: {2: 4}}}),
        ({"\uffff": 1, "😀": 2}, {"\uffff": 1, "😀": 3}, {0: 3}),  # as JavaScript sorts
        ({"a": 1}, {"a": 2, "7": 1}, {"=": {"a": 2, "7": 1}}),
        ([1, 2], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ([1, 2, 3], [1, 2, 3, 4], {3: 4}),
        ([1, 2, 3], [1, 2], {"=": [1, 2]}),
        ([1, 2, 3], [4, 5, 3], [4, 5, 3]),
        ([{"a": 1}, {"a": 2}], [{"a": 3}, {"a": 4}], {0: {0: 3}, 1: {0: 4}}),
        ([[1, 2, 3]], [[1, 2, 9]], {0: {2: 9}}),
        ([], [{"a": 1}], {0: {"=": {"a": 1}}}),
        (None, {"a": None}, {"=": {"a": None}}),
        ({"a": 1}, {"a": None}, {0: {"=": None}}),
        ({"a": [1]}, {"a": {"b": 1}}, {0: {"=": {"b": 1}}}),
        ({"=": 1}, {"=": 2}, {"=": {"=": 2}}),
    ],
)
def test_patch(before: Any, now: Any, due: Any) -> None:
    """A patch contains only the differences."""
    assert patch(before, now) == due


NAMES = "ab\uffff😀=1"


def json_value(chance: random.Random, depth: int = 3) -> Any:
    """Return any JSON value."""
    makers: list[Callable[[], Any]] = [
        lambda: None,
        lambda: chance.choice(["", "$1.00", "=", "é"]),
        lambda: chance.randint(2, 5),
    ]
    if depth:
        makers += [
            lambda: [json_value(chance, depth - 1) for _ in range(chance.randint(0, 4))],
            lambda: {name: json_value(chance, depth - 1) for name in chance.sample(NAMES, 3)},
        ] * 2
    return chance.choice(makers)()


def test_patches_of_any_values() -> None:
    """Applied by the page's script, the patch between two values yields the second."""
    chance = random.Random(17)  # noqa: S311 (nothing secret)
    pairs = [(json_value(chance), json_value(chance)) for _ in range(3000)]
    cases = [
        {"before": before, "patch": json.loads(msgspec.json.encode(patch(before, now)))}
        for before, now in pairs
    ]
    script = Path(__file__).parents[2] / "assets" / "apply-patches.mjs"

    run = subprocess.run(
        [find_node(), str(script)],
        input=json.dumps(cases),
        text=True,
        capture_output=True,
        check=True,
    )

    expected = [now for _, now in pairs]
    assert json.loads(run.stdout) == expected
    assert [patched(case["before"], case["patch"]) for case in cases] == expected
