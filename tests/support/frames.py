"""Reads frames as the page does: whole ones and those relative to a key frame."""

import json
from typing import Any, NoReturn


def patched(before: Any, patch: Any) -> Any:
    """Return a value with a patch applied, as assets/26-patch.js does."""
    if not isinstance(patch, dict):
        return patch
    if not patch:
        return before
    if "=" in patch:
        return patch["="]
    if isinstance(before, list):
        now = list(before)
        for index, change in sorted((int(index), change) for index, change in patch.items()):
            now[index : index + 1] = [patched(now[index] if index < len(now) else None, change)]
        return now
    names = sorted(before, key=lambda name: name.encode("utf-16-be"))
    changes = {names[int(at)] if at.isdigit() else at: change for at, change in patch.items()}
    kept = {name: value for name, value in before.items() if changes.get(name, "") is not None}
    return kept | {
        name: patched(before.get(name), change)
        for name, change in changes.items()
        if change is not None
    }


class Reader:
    """Reads the frames of one viewer."""

    def __init__(self) -> None:
        self.key = ""
        self._content: Any = None

    def read(self, text: str | bytes) -> dict[str, Any]:
        """Return a frame with its whole content; `KeyError` if its key frame is unknown."""
        frame = json.loads(text, parse_constant=refuse)
        base, changes = frame.pop("base"), frame.pop("changes")
        if "content" in frame:
            self.key, self._content = base, frame.pop("content")
        if base != self.key:
            raise KeyError(base)
        content = patched(self._content, changes)
        if "key" in frame:
            self.key, self._content = frame.pop("key"), content
        return {**frame, **content}


def read_whole(text: str | bytes) -> dict[str, Any]:
    """Return the content of a whole frame."""
    return Reader().read(text)


def refuse(constant: str) -> NoReturn:
    """Raise an error for what Python parses as JSON but a browser does not."""
    raise AssertionError(constant)


def shown_revenue(frame: dict[str, Any]) -> str | None:
    """Return the revenue in a frame, or None."""
    return frame["props"] and str(frame["props"]["kpi-revenue-value"]["children"])
