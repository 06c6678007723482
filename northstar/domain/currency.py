"""Decimal places of currencies, and rounding to them."""

from decimal import ROUND_HALF_UP, Decimal

from northstar.domain.messages import EXACT

# Minor units by ISO 4217 (list one, of 2026); currencies that are not listed have two.
MINOR_UNITS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"),
            *("VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
CENTS = 2


def decimals_of(currency: str, decimals: int | None = None) -> int:
    """Return the decimal places of amounts: `decimals`, or those of the ISO 4217 currency."""
    return MINOR_UNITS.get(currency, CENTS) if decimals is None else decimals


def half_a_unit(decimals: int) -> Decimal:
    """Return half a unit of the last decimal place, the largest rounding error."""
    return Decimal(5).scaleb(-decimals - 1)


def round_half_up(number: Decimal, step: Decimal) -> Decimal:
    """Round halves away from zero, as in accounting; never to a negative zero."""
    return EXACT.plus(number.quantize(step, ROUND_HALF_UP, EXACT))
