"""Run the Dockerfile without Docker, on Linux: `sudo python3 tools/check_image.py`.

Each stage is a temporary overlay on this machine's root file system, so the machine must have what
the base images have: Python, Node and npm, found in `PATH`. The script runs every command of the
build, then starts the program as in the image: as its user, with only /data and /tmp writable. It
waits until the program is healthy, and stops it.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IGNORED = shutil.ignore_patterns("__pycache__", "*.min.js")  # as .dockerignore does
HEALTHY_IN_S = 60
STOPPED_IN_S = 5


def instructions() -> Iterator[tuple[str, str]]:
    """Yield the name and the arguments of each instruction of the Dockerfile."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    for line in filter(str.strip, re.sub(r"\\\n\s*", "", text).splitlines()):
        name, _, rest = line.partition(" ")
        yield name, rest


class Stage:
    """A stage of the build: its root file system, and the settings of the image."""

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
        """Return the command line that runs a command in this stage."""
        uid, gid = self.user.split(":")
        as_user = (
            "setpriv",
            f"--reuid={uid}",
            f"--regid={gid}",
            "--clear-groups",
            "--no-new-privs",
        )
        in_folder = ("env", "--chdir", self.folder)
        return ["chroot", str(self.root), *(as_user if uid != "0" else ()), *in_folder, *command]

    def run(self, *command: str) -> int:
        """Run a command in this stage; return its exit code."""
        print("+", shlex.join(command), flush=True)
        return subprocess.run(self.command(*command), env=self.env, check=False).returncode

    def apply(self, name: str, rest: str) -> None:
        """Apply an instruction; those that describe the running image are stored."""
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
    """Mount a file system in the namespace of this process."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def build(layers: Path) -> Stage:
    """Run all stages and return the last."""
    stages: dict[str, Stage] = {}
    stage = Stage(layers, 0)  # until the first FROM
    for name, rest in instructions():
        if name == "FROM":
            stages[rest.partition(" AS ")[2]] = stage = Stage(layers, len(stages) + 1)
        elif name == "COPY":
            *sources, target = shlex.split(rest)
            stage_name = sources.pop(0) if sources[0].startswith("--from=") else ""
            origin = stages[stage_name.removeprefix("--from=")].root if stage_name else ROOT
            stage.copy(sources, target, origin)
        else:
            stage.apply(name, rest)
    return stage


def check(stage: Stage) -> None:
    """Run the program on a read-only root file system."""
    data = stage.root / "data"
    mount("--bind", data, data)
    mount("-o", "remount,bind,ro", stage.root)
    assert stage.run("touch", "/opt/northstar/file"), "the file system can be written"
    assert stage.run(*stage.entry, "--demo") == 2, "it starts without a sign-in"  # noqa: PLR2004 (a bad setting)
    stage.env["NORTHSTAR_HOST"] = "127.0.0.1"  # reachable from this machine only
    stage.env["NORTHSTAR_PORT"] = str(free_port())
    for options in (["--demo"], ["--ws-url", "ws://127.0.0.1:9"]):
        with subprocess.Popen(stage.command(*stage.entry, *options), env=stage.env) as program:
            await_health(stage, program)
            program.send_signal(signal.SIGTERM)
            assert program.wait(STOPPED_IN_S) == 0, "the program did not exit cleanly"
    print("written to:", sorted(path.name for path in data.iterdir()))


def free_port() -> int:
    """Return a port on which no other program of this machine listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
        return port


def await_health(stage: Stage, program: subprocess.Popen[bytes]) -> None:
    """Return once the image's health check succeeds; fail after `HEALTHY_IN_S`."""
    deadline = time.monotonic() + HEALTHY_IN_S
    check = stage.command(*stage.health)
    while subprocess.run(check, env=stage.env, stderr=subprocess.DEVNULL, check=False).returncode:
        assert program.poll() is None, "the program has exited"
        assert time.monotonic() < deadline, f"the program is not healthy after {HEALTHY_IN_S} s"
        time.sleep(1)
    print("healthy", flush=True)


def main() -> None:
    """Run the check in a mount namespace, which ends with the process."""
    if os.environ.get("NAMESPACE") != "own":
        os.environ["NAMESPACE"] = "own"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, __file__])  # noqa: S606
    layers = Path(tempfile.mkdtemp(prefix="northstar-image-"))
    mount("-t", "tmpfs", "layers", layers)
    layers.chmod(0o755)
    try:
        check(build(layers))
    finally:
        os.chdir("/")
        subprocess.run(["umount", "--lazy", layers], check=False)
        layers.rmdir()


if __name__ == "__main__":
    main()
