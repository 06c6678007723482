"""Resource usage of a process, from Linux's /proc."""

import re
from pathlib import Path
from typing import NamedTuple


class Vitals(NamedTuple):
    """Resident memory in MB, open descriptors and threads."""

    rss_mb: float
    descriptors: int
    threads: int


def vitals(pid: int) -> Vitals:
    """Return the current resources of a running process."""
    process = Path(f"/proc/{pid}")
    status = (process / "status").read_text()
    told = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE))
    descriptors = len(list((process / "fd").iterdir()))
    return Vitals(int(told["VmRSS"]) / 1024, descriptors, int(told["Threads"]))
