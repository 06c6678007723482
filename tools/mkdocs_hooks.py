"""MkDocs hooks: add the documents and examples outside docs/ to the site, and adjust the links.

In the repository, README.md links to docs/settings.md, and docs/deploy.md to ../SECURITY.md. On the
site, all of them are in one folder. SECURITY.md has another name there: on a file system that
ignores case, it would be the same file as docs/security.md.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
SECURITY, ON_SITE = "SECURITY.md", "security-policy.md"
OUTSIDE = (
    "README.md",
    SECURITY,
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "deploy/nginx.conf",
    "deploy/Caddyfile",
    "deploy/haproxy.cfg",
    "compose.cluster.yaml",
)
ELSEWHERE = re.compile(r"\]\((?:\.\./|docs/)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files outside docs/ that the documentation links to."""
    for name in OUTSIDE:
        place = ON_SITE if name == SECURITY else name
        files.append(File.generated(config, place, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Adjust links to each document's path on the site."""
    return ELSEWHERE.sub("](", markdown).replace(f"]({SECURITY}", f"]({ON_SITE}")
