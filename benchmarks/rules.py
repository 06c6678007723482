"""A file of alert rules, for a benchmark."""

import re
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "deploy" / "alerts.example.toml"  # has a rule of each kind


def write_rules(folder: Path, count: int) -> Path:
    """Write a file with the rules of the example, in turn, without receivers."""
    rules = re.findall(r"^\[rules\.[^\n]*\n((?:(?!\[).*\n)*)", EXAMPLE.read_text(), re.MULTILINE)
    fields = [re.sub(r"^to = .*\n", "", rule, flags=re.MULTILINE) for rule in rules]
    path = folder / "alerts.toml"
    path.write_text(
        "".join(f"[rules.rule-{number}]\n{fields[number % len(fields)]}" for number in range(count))
    )
    return path
