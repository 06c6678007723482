"""Differences between two JSON values, as the browser applies them (`assets/26-patch.js`).

A patch is the new value itself, except for objects and lists:

- an object with the patch of each property that differs, by its place among the sorted names (a new
  one by its name); null removes a property,
- an object with the patch of each element that differs, by its index; elements may be added at the
  end,
- `{"=": value}` to replace a value by an object, by null, or by a shorter list.

An empty object is the patch of a value that did not change.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

Json: TypeAlias = Any

REPLACE = "="
KINDS = 256  # of objects, by the names of their properties
UNCHANGED: Mapping[str, Json] = {}
REMOVED = None


def patch(before: Json, now: Json) -> Json:
    """Return the patch that turns `before` into `now`; tuples count as lists.

    Numbers that are equal do not differ, whatever their type.
    """
    if before == now:
        return UNCHANGED
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        plain = _are_plain(tuple(before)) and _are_plain(tuple(now))
        return _patch_object(before, now) if plain else _replace_by(now)
    if isinstance(before, list | tuple) and isinstance(now, list | tuple):
        return _patch_list(before, now)
    return _replace_by(now)


def _replace_by(value: Json) -> Json:
    return {REPLACE: value} if isinstance(value, Mapping) or value is None else value


@lru_cache(maxsize=KINDS)
def _are_plain(names: tuple[str, ...]) -> bool:
    """Return whether no name has a meaning in a patch."""
    return not any(name == REPLACE or name.isdigit() for name in names)


def _patch_object(before: Mapping[str, Json], now: Mapping[str, Json]) -> Json:
    changes: dict[str | int, Json] = {
        name: _replace_by(value) for name, value in now.items() if name not in before
    }
    for place, name in enumerate(_in_order(tuple(before))):
        if name not in now:
            changes[place] = REMOVED
        elif before[name] != now[name]:
            changes[place] = patch(before[name], now[name])
    return changes


@lru_cache(maxsize=KINDS)
def _in_order(names: tuple[str, ...]) -> list[str]:
    """Return names as JavaScript sorts them, which is by UTF-16."""
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


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
