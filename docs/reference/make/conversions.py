"""The page of all conversions, from their register."""

from __future__ import annotations

from metarel.convert.register import EDGES


def page() -> str:
    """Return the page as Markdown."""
    lines = ["# Conversions", "", "Generated from the register of conversions; do not edit.", ""]
    lines += ["| from → to | rule | formula |", "|---|---|---|"]
    for edge in EDGES.values():
        formula = edge.symbols().replace("|", "\\|")
        lines.append(f"| {edge.source} → {edge.target} | {edge.rule} | {formula} |")
    return "\n".join(lines) + "\n"
