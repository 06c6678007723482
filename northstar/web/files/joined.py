"""Files of a page, joined into one."""

import re
from functools import cache
from pathlib import Path

from northstar.web.files.cache import File
from northstar.web.files.versions import version_of

# Comments with lines of their own: a quarter of what the scripts weigh when compressed.
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)


def joined(folder: Path, kind: str, ignoring: str) -> str:
    """Return our files of a kind (`js`, `css`) in the order of their names, without comments.

    `ignoring` is a pattern of names to leave out. Each file begins with its name in a comment.
    """
    files = sorted(folder.glob(f"*.{kind}"))
    texts = (
        f"/* {file.name} */\n{COMMENT.sub('', file.read_text('utf-8'))}"
        for file in files
        if not re.match(ignoring, file.name)
    )
    return "\n".join(texts)


def joined_script(folder: Path, name: str, ignoring: str) -> File:
    """Return the scripts of a page as a file in memory, whose version follows its content."""
    content = joined(folder, "js", ignoring).encode()
    return File(Path(name), version_of(content), len(content), content)


@cache
def joined_files(name: str, scripts: tuple[Path, ...]) -> File:
    """Return scripts of packages as a file in memory, in their order, unchanged."""
    content = b"\n;\n".join(script.read_bytes() for script in scripts)
    return File(Path(name), version_of(content), len(content), content)
