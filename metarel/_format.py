"""Numbers to text, for people; nothing is rounded before it comes here."""

from __future__ import annotations

import math
import textwrap
from typing import Any

#: Columns of a terminal, which text is set for.
WIDTH = 80


def fixed(value: float, digits: int = 4) -> str:
    """Return a number with a fixed count of decimals; ``-0.0000`` is written ``0.0000``."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def adaptive(value: float, digits: int = 4) -> str:
    """Return a number with fixed decimals, or with more where those would show nothing.

    What needs more than twice as many is written in scientific form.
    """
    if value and math.isfinite(value) and abs(value) < 10.0 ** (1 - digits) / 2:
        if abs(value) < 10.0 ** -(digits + 1):
            return f"{value:.{max(digits - 1, 1)}e}"
        return f"{value:.{max(digits - 1, 1) - 1 - math.floor(math.log10(abs(value)))}f}"
    return fixed(value, digits)


def percent(fraction: float, digits: int = 2) -> str:
    """Return a fraction as a percentage: 0.9222 becomes ``92.22%``."""
    return "–" if math.isnan(fraction) else f"{fixed(100 * fraction, digits)}%"


def p_value(p: float, digits: int = 4) -> str:
    """Return ``= 0.0321`` or ``< 0.0001``, ready to stand behind the letter p."""
    if math.isnan(p):
        return "= –"
    floor = 10.0**-digits
    return f"< {floor:.{digits}f}" if p < floor else f"= {fixed(p, digits)}"


def interval(low: float, high: float, digits: int = 4) -> str:
    """Return ``[low, high]``."""
    return f"[{fixed(low, digits)}, {fixed(high, digits)}]"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return ``1 study`` or ``3 studies``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def listing(items: list[str], most: int = 5) -> str:
    """Return the items with commas, cut after the first few with a count of the rest."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def wrapped_equations(line: str) -> str:
    """Return a line broken between words where it is wider than a terminal; the rest indented.

    What stands around an equals sign stays together.
    """
    if len(line) <= WIDTH:
        return line
    head, null, tail = line.partition(" (H0: ")
    if null and max(len(head), len(tail) + 7) <= WIDTH:
        return f"{head}\n  (H0: {tail}"
    held = line.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    broken = textwrap.fill(
        held, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return broken.replace("\N{NO-BREAK SPACE}", " ")


def plain(value: Any) -> Any:
    """Return a value in JSON's own types; a number that is missing or infinite becomes None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def folded(text: str, width: int = WIDTH) -> str:
    """Return a text with the lines that are longer than a width wrapped, their indent kept."""
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= width:
            lines.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line.strip(),
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)
