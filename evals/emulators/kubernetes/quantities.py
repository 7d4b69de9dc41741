"""Resource quantities such as 250m, 1.5, 64Mi."""

import re
from decimal import Decimal

_SYNTAX = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_SUFFIXES = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
SYNTAX_MESSAGE = f"quantities must match the regular expression '{_SYNTAX.pattern}'"


def parse_quantity(text: str | float) -> Decimal:
    """The value of a quantity. Raises ValueError with the server's message."""
    found = _SYNTAX.match(str(text))
    if found is None:
        raise ValueError(SYNTAX_MESSAGE)
    number, suffix = found.groups()
    if suffix in _SUFFIXES:
        return Decimal(number) * _SUFFIXES[suffix]
    if re.fullmatch(r"[eE][+-]?\d+", suffix):
        return Decimal(number + suffix)
    raise ValueError("unable to parse quantity's suffix")


def format_quantity(value: Decimal, *, binary: bool) -> str:
    """The shortest text of a value: binary suffixes for memory, milli for CPU."""
    if binary:
        for suffix in ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki"):
            if value and value % _SUFFIXES[suffix] == 0:
                return f"{value / _SUFFIXES[suffix]:f}"[:18].rstrip(".") + suffix
        return f"{value.to_integral_value():f}"
    if value == value.to_integral_value():
        return f"{value.to_integral_value():f}"
    return f"{(value * 1000).to_integral_value():f}m"


def is_binary(resource: str) -> bool:
    """Whether amounts of a resource are written in Ki, Mi, Gi."""
    return "memory" in resource or "storage" in resource
