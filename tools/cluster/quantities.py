"""Amounts of memory and CPU as Kubernetes writes them (pure)."""

import re
from fractions import Fraction

from tools.errors import InvalidArgs

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(m|k|Ki|[MGTPE]i?)?")
_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_BINARY = {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}
_UNITS = {**{unit: Fraction(size) for unit, size in (_DECIMAL | _BINARY).items()}, "m": Fraction(1, 1000)}
LEAST_MEMORY = 4 * 1024 * 1024  # a container of less does not start


def memory_bytes(text: str) -> int:
    """Bytes of "512Mi" or "1.5Gi". Raises InvalidArgs for what is no amount of memory, such as "512m" or "512mb"."""
    amount = _parsed(text, "memory", "512Mi or 1.5Gi")
    if amount < LEAST_MEMORY:
        raise InvalidArgs(f'"{text}" is {float(amount):g} bytes of memory, too little to start. Write 512Mi or 1.5Gi.')
    if amount.denominator != 1:
        raise InvalidArgs(f'"{text}" is no whole number of bytes. Write 512Mi or 1.5Gi.')
    return int(amount)


def cpu_millis(text: str) -> int:
    """Thousandths of a CPU of "500m" or "1.5". Raises InvalidArgs for what is no amount of CPU."""
    amount = _parsed(text, "CPU", "500m or 1.5") * 1000
    if amount.denominator != 1 or amount < 1:
        raise InvalidArgs(f'"{text}" is less than or no multiple of a thousandth of a CPU. Write 500m or 1.5.')
    return int(amount)


def memory_text(count: int) -> str:
    """The shortest exact form: "512Mi", "1536Mi", "1G"."""
    units = [*reversed(_BINARY.items()), *reversed(_DECIMAL.items())]
    return min((f"{count // size}{unit}" for unit, size in units if count % size == 0), key=len)


def cpu_text(millis: int) -> str:
    """ "500m", "2" """
    return f"{millis}m" if millis % 1000 else str(millis // 1000)


def _parsed(text: str, what: str, example: str) -> Fraction:
    hit = _QUANTITY.fullmatch(text.strip())
    if hit is None:
        raise InvalidArgs(f'"{text}" is no amount of {what} that Kubernetes knows. Write {example}.')
    return Fraction(hit[1]) * _UNITS[hit[2] or ""]
