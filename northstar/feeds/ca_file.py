"""The certificates of a private authority, read again when their file changes."""

import logging
import os
import ssl

log = logging.getLogger(__name__)


class CaFile:
    """Adds the certificates of the file at `path` to `context` whenever the file has changed.

    `context` has those of the start. Certificates that are no longer in the file stay trusted until
    the next start: a context cannot forget any.
    """

    def __init__(self, path: str, context: ssl.SSLContext) -> None:
        self._path = path
        self._context = context
        self._read = self._version()

    def refresh(self) -> None:
        """Read the file if it has changed. Raises nothing: an unreadable file is tried again."""
        version = self._version()
        if version is None or version == self._read:
            return
        try:
            self._context.load_verify_locations(cafile=self._path)
        except OSError as error:
            log.warning("cannot read the changed %s: %s", self._path, error.strerror or "not PEM")
            return
        log.info("%s has changed and was read again", self._path)
        self._read = version

    def _version(self) -> tuple[int, int, int] | None:
        """Return what changes with the file; None without one."""
        try:
            status = os.stat(self._path) if self._path else None  # noqa: PTH116 (one call)
        except OSError:
            return None
        return status and (status.st_mtime_ns, status.st_size, status.st_ino)
