"""Adapter for the undocumented parts of babel; no other module uses them.

- `NumberPattern.pattern`: the text of CLDR's pattern. Without it, direction marks would stay in
  amounts, a currency's code would touch its digits, and large amounts would have no units.
- `parse_pattern()` and `NumberPattern.apply()`: a pattern that can be changed, and its numbers.
- `NumberPattern.prefix` and `suffix`, each of a gain and of a loss. Without them, no amount would
  have a plus sign, and words from right to left would reorder a line.
- `NumberPattern.frac_prec` and `int_prec`, the fewest and most digits. Without them, amounts would
  have the decimal places of CLDR's pattern, and large ones leading zeros.
- `NumberPattern.grouping`. Without it, many of the largest unit would have no group separators.
- `NumberPattern.scale`. Without it, percentages would be a hundred times too large.
"""

import re
import unicodedata
from collections.abc import Callable

from babel.numbers import NumberPattern, parse_pattern

# Unicode direction controls: marks, embeddings, overrides and isolates.
DIRECTIONS = dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def text_of(pattern: NumberPattern) -> str:
    """Return the text of a pattern, without direction marks."""
    return pattern.pattern.translate(DIRECTIONS)


def adapted(
    pattern: str,
    places: tuple[int, int],
    affix: Callable[[str], str],
    *,
    plus: bool,
    grouped_like: str | None = None,
) -> NumberPattern:
    """Return a pattern for numbers with the fewest and most decimal `places`; 100 is 100 %.

    `affix` replaces what is around the digits, `plus` signs numbers that are not negative too, and
    `grouped_like` is a pattern with the grouping of digits, by default the same.
    """
    made = parse_pattern(pattern)
    made.frac_prec, made.int_prec, made.scale = places, (1, made.int_prec[1]), 0
    made.grouping = parse_pattern(grouped_like or pattern).grouping
    for part in ("prefix", "suffix"):
        gain, loss = map(affix, getattr(made, part))
        setattr(made, part, (loss.replace("-", "+") if plus else gain, loss))
    return made


def spaced(pattern: str, symbol: str) -> str:
    """Return the pattern with a space between the digits and a symbol that has a letter there.

    This is CLDR's `currencySpacing`, which babel ignores: CHF 250, but $250 and US$250.
    """
    letters = symbol.translate(DIRECTIONS)
    if unicodedata.category(letters[-1])[0] not in "SZ":
        pattern = re.sub("¤(?=[#0])", "¤\N{NO-BREAK SPACE}", pattern)
    if unicodedata.category(letters[0])[0] not in "SZ":
        pattern = re.sub("(?<=[#0])¤", "\N{NO-BREAK SPACE}¤", pattern)
    return pattern
