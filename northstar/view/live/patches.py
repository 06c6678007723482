"""Differences between two JSON values, as the browser applies them (`assets/26-patch.js`).

A patch is the new value itself, except for objects and lists:

- an object with the patch of each property or element that differs, by name or by index; elements
  may be added at the end; null removes a property,
- `{"=": value}` to replace a value by an object, by null, or by a shorter list.

An empty object is the patch of a value that did not change.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = Any

REPLACE = "="
UNCHANGED: Mapping[str, Json] = {}
REMOVED = None


def patch(before: Json, now: Json) -> Json:
    """Return the patch that turns `before` into `now`; tuples count as lists.

    Numbers that are equal do not differ, whatever their type.
    """
    if before == now:
        return UNCHANGED
    if isinstance(before, Mapping) and isinstance(now, Mapping) and REPLACE not in {*before, *now}:
        return _patch_object(before, now)
    if isinstance(before, list | tuple) and isinstance(now, list | tuple):
        return _patch_list(before, now)
    return _replace_by(now)


def _replace_by(value: Json) -> Json:
    return {REPLACE: value} if isinstance(value, Mapping) or value is None else value


def _patch_object(before: Mapping[str, Json], now: Mapping[str, Json]) -> Json:
    changes = {
        name: patch(before[name], value) if name in before else _replace_by(value)
        for name, value in now.items()
        if name not in before or before[name] != value
    }
    return changes | {name: REMOVED for name in before if name not in now}


def _patch_list(before: Sequence[Json], now: Sequence[Json]) -> Json:
    """Return the changed elements, or the whole list if most of its numbers or texts changed."""
    if len(before) > len(now):
        return {REPLACE: now}
    changed = [i for i, (old, new) in enumerate(zip(before, now, strict=False)) if old != new]
    added = range(len(before), len(now))
    if 2 * (len(changed) + len(added)) > len(now) and not isinstance(
        now[0], Mapping | list | tuple
    ):
        return now
    patches = {i: patch(before[i], now[i]) for i in changed}
    return patches | {i: _replace_by(now[i]) for i in added}
