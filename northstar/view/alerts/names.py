"""Make names from the stream, and notes of viewers, safe as text in every channel.

Chats read markup, mentions and links in plain text, each in its own way, and an escape of one is a
character in another. So the characters that begin any of these are replaced by similar ones,
and an invisible space separates what would be a link.
"""

import re

from northstar.view.shared.money import isolated

LONGEST = 80
BREAK = "\N{ZERO WIDTH SPACE}"
ALIKE = str.maketrans(
    {
        "*": "\N{ASTERISK OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "~": "\N{TILDE OPERATOR}",
        "|": "\N{DIVIDES}",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "[": "(",
        "]": ")",
        "\\": "\N{SET MINUS}",
        "@": f"@{BREAK}",
        "#": f"#{BREAK}",
        ":": f":{BREAK}",
        "/": f"/{BREAK}",
    }
)
# Not within a word, where it is no markup: mean_reversion.
UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
DOMAIN_DOT = re.compile(r"\.(?=\w)")


def plain(text: str) -> str:
    """Return an untrusted text as one line that every channel shows as plain text."""
    line = " ".join(text.split())
    short = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    safe = UNDERSCORE.sub("\N{MODIFIER LETTER LOW MACRON}", short.translate(ALIKE))
    return isolated(DOMAIN_DOT.sub(f".{BREAK}", safe))
