"""Goes through the Dockerfile without Docker: `sudo python3 tools/check_image.py`, on Linux.

Each stage is this machine's root file system with a layer over it that is thrown away; so what a
base image has, Python, Node and npm, has to be here, and it is this machine's that is tried. `PATH`
says which. Every command of the build is run there, and then the program as the image would be: by
its user, with nothing to write to but /data and /tmp, until it is healthy, told to stop, and ended.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IGNORED = shutil.ignore_patterns("__pycache__", "*.min.js")  # as .dockerignore does
HEALTHY_IN_S = 60
ENDED_IN_S = 5


def instructions() -> Iterator[tuple[str, str]]:
    """Yield each instruction of the Dockerfile, and what follows its name."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    for line in filter(str.strip, re.sub(r"\\\n\s*", "", text).splitlines()):
        name, _, rest = line.partition(" ")
        yield name, rest


class Stage:
    """A stage of the build: a root of its own, and what the image says of its programs."""

    def __init__(self, layers: Path, number: int) -> None:
        self.root = layers / f"{number}-root"
        upper, work = layers / f"{number}-upper", layers / f"{number}-work"
        for folder in (self.root, upper, work):
            folder.mkdir()
        places = f"lowerdir=/,upperdir={upper},workdir={work}"
        mount("-t", "overlay", "-o", places, "stage", self.root)
        for system in ("proc", "dev"):
            mount("--rbind", f"/{system}", self.root / system)
        mount("-t", "tmpfs", "-o", "mode=1777", "tmp", self.root / "tmp")
        (self.root / "root").chmod(0o711)  # in this layer: Python may be in root's home here
        self.folder = "/"
        self.user = "0:0"
        self.entry: Sequence[str] = ()
        self.health: Sequence[str] = ()
        self.env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}

    def command(self, *command: str) -> list[str]:
        """Return a command as it is run in here."""
        uid, gid = self.user.split(":")
        who = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs")
        there = ("env", "--chdir", self.folder)
        return ["chroot", str(self.root), *(who if uid != "0" else ()), *there, *command]

    def run(self, *command: str) -> int:
        """Run a command in here; return its exit code."""
        print("+", shlex.join(command), flush=True)
        return subprocess.run(self.command(*command), env=self.env, check=False).returncode

    def follow(self, name: str, rest: str) -> None:
        """Do what an instruction says, or keep it for later."""
        match name:
            case "RUN":
                assert self.run("sh", "-c", rest) == 0
            case "ENV":
                for key, _, text in (one.partition("=") for one in shlex.split(rest)):
                    self.env[key] = text.replace("$PATH", self.env["PATH"])
            case "WORKDIR":
                self.folder = rest
                (self.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = rest
            case "HEALTHCHECK":
                self.health = json.loads(rest.partition("CMD ")[2])
            case "ENTRYPOINT":
                self.entry = json.loads(rest)

    def copy(self, sources: Sequence[str], target: str, origin: Path) -> None:
        """Copy files and the content of folders, as COPY does."""
        place = self.root / os.path.join(self.folder, target).lstrip("/")  # noqa: PTH118 (may be /)
        for source in (origin / source.lstrip("/") for source in sources):
            if source.is_dir():
                ignored = IGNORED if origin == ROOT else None
                shutil.copytree(source, place, symlinks=True, ignore=ignored, dirs_exist_ok=True)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, place)


def mount(*arguments: object) -> None:
    """Mount, for this process alone."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def build(layers: Path) -> Stage:
    """Run all stages; return the last."""
    stages: dict[str, Stage] = {}
    stage = Stage(layers, 0)  # until the first FROM
    for name, rest in instructions():
        if name == "FROM":
            stages[rest.partition(" AS ")[2]] = stage = Stage(layers, len(stages) + 1)
        elif name == "COPY":
            *sources, target = shlex.split(rest)
            whence = sources.pop(0) if sources[0].startswith("--from=") else ""
            origin = stages[whence.removeprefix("--from=")].root if whence else ROOT
            stage.copy(sources, target, origin)
        else:
            stage.follow(name, rest)
    return stage


def try_out(stage: Stage) -> None:
    """Run what was built, on a root file system that is read-only."""
    data = stage.root / "data"
    mount("--bind", data, data)
    mount("-o", "remount,bind,ro", stage.root)
    assert stage.run("touch", "/opt/northstar/file"), "the file system can be written"
    assert stage.run(*stage.entry, "--demo") == 2, "everybody may look"  # noqa: PLR2004 (a bad setting)
    stage.env["NORTHSTAR_HOST"] = "127.0.0.1"  # nobody else is to reach what is tried here
    for options in (["--demo"], ["--ws-url", "ws://127.0.0.1:9"]):
        with subprocess.Popen(stage.command(*stage.entry, *options), env=stage.env) as program:
            deadline = time.monotonic() + HEALTHY_IN_S
            while stage.run(*stage.health) and time.monotonic() < deadline:
                time.sleep(1)
            assert program.poll() is None, "it ended by itself"
            program.send_signal(signal.SIGTERM)
            assert program.wait(ENDED_IN_S) == 0, "it did not end well"
    print("written to:", sorted(path.name for path in data.iterdir()))


def main() -> None:
    """Do all of it in a namespace of mounts, which is gone with the process."""
    if os.environ.get("NAMESPACE") != "own":
        os.environ["NAMESPACE"] = "own"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, __file__])  # noqa: S606
    layers = Path(tempfile.mkdtemp(prefix="northstar-image-"))
    mount("-t", "tmpfs", "layers", layers)
    layers.chmod(0o755)
    try:
        try_out(build(layers))
    finally:
        os.chdir("/")
        subprocess.run(["umount", "--lazy", layers], check=False)
        layers.rmdir()


if __name__ == "__main__":
    main()
