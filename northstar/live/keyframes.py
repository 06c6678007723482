"""Encode frames: a key frame with the whole content, or what differs from it.

A frame never refers to the frame before it, so a viewer that misses ten frames and receives the
eleventh is up to date.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, NamedTuple

import msgspec

from northstar.live.hub import EncodedText
from northstar.view.live.frames import CONTENT, Content, PageProps
from northstar.view.live.patches import patch

# Of the format of frames. A page reloads for another one, and for nothing else: raise it when pages
# of the previous release cannot read the frames, not with each release.
PROTOCOL = 2
LARGEST_PART = 5  # of the key frame: what differs may be a fifth of it
RENEWAL_S = 10


class KeyFrame:
    """The content that other frames refer to by `id`; `made_at_s` is monotonic time."""

    def __init__(self, key_id: str, made_at_s: float, content: Content) -> None:
        self.id = key_id
        self.made_at_s = made_at_s
        self.content = content

    @cached_property
    def encoded(self) -> bytes:
        return _ENCODER.encode(self.content)


class Frame:
    """One frame in both its forms.

    `changes` is for viewers that have the key frame `base`; the whole frame, for all others, is
    encoded when first needed. After either, a viewer has the key frame `key`.
    """

    def __init__(self, base: str, key: str, changes: str, whole: Callable[[], str]) -> None:
        self.key = key
        self._base = base
        self._changes = EncodedText(changes)
        self._encode_whole = whole

    @cached_property
    def whole(self) -> EncodedText:
        return EncodedText(self._encode_whole())

    def text_for(self, key: str) -> EncodedText:
        """Return the form for a viewer that has the key frame `key`, "" for none."""
        return self._changes if key == self._base else self.whole


class Rendered(NamedTuple):
    """The `props` of one state, None before the first, and their encoded patch."""

    props: PageProps | None
    changes: bytes


class FrameEncoder:
    """Encodes the frames of one `epoch`, and decides when a new key frame is due.

    The new key frame is the content of an ordinary frame, so a viewer that receives that frame has
    it.
    """

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._key = KeyFrame(f"{epoch}.0", 0.0, dict.fromkeys(CONTENT))
        self._rendered = self.prepare(None)

    def prepare(self, props: PageProps | None) -> Rendered:
        """Compare `props` with the key frame; safe in another thread."""
        return Rendered(props, _ENCODER.encode(patch(self._key.content["props"], props)))

    def take(self, rendered: Rendered) -> None:
        """Use what was prepared in all later frames."""
        self._rendered = rendered

    def encode(
        self,
        seq: int,
        now_s: float,
        status: Content,
        *,
        new_state: bool = False,
        more: Content | None = None,
    ) -> Frame:
        """Return the current frame, number `seq`; one with a new state may become the key frame.

        `now_s` is monotonic time, `status` the content of the frame except `props`; `more` is
        beside the content and in no key frame.
        """
        key = self._key
        changed = {
            name: patch(key.content[name], value)
            for name, value in status.items()
            if key.content[name] != value
        }
        frame: dict[str, Any] = {
            "protocol": PROTOCOL,
            "epoch": self._epoch,
            "seq": seq,
            "sent_ms": now_s * 1000,
            **(more or {}),
            "base": key.id,
            "changes": {**changed, "props": msgspec.Raw(self._rendered.changes)},
        }
        if new_state and self._is_due(now_s):
            content = {**status, "props": self._rendered.props}
            self._key = KeyFrame(f"{self._epoch}.{seq}", now_s, content)
            self._rendered = self.prepare(self._rendered.props)
            frame["key"] = self._key.id
        return Frame(key.id, self._key.id, _encode(frame), partial(_encode_whole, frame, key))

    def _is_due(self, now_s: float) -> bool:
        """Return whether the key frame is old, or differs in more than a fifth."""
        is_large = LARGEST_PART * len(self._rendered.changes) > len(self._key.encoded)
        return is_large or now_s - self._key.made_at_s >= RENEWAL_S


def _encode(frame: Content) -> str:
    return _ENCODER.encode(frame).decode()


def _encode_whole(frame: Content, key: KeyFrame) -> str:
    """Return a frame with the content of the key frame from which it differs."""
    return _encode({**frame, "content": msgspec.Raw(key.encoded)})


_ENCODER = msgspec.json.Encoder()
