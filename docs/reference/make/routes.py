"""The page of all routes from printed numbers to effects, from their register."""

from __future__ import annotations

from metarel._vocabulary import SYMBOLS
from metarel.routes.register import ROUTES, served_by

HEAD = """# Routes from what papers print

<!-- Generated from the register of routes; do not edit. -->

`metarel.effects_from_reports` takes, row by row, the first of these routes whose numbers are there;
`metarel.effect_routes` walks them all. A route is *exact* where its assumption holds, and an
*approximation* where it is only close even then. `±` marks numbers without a sign: they take it
from whatever else in the row has one, or from the word `sign`.
"""
TITLES = {
    "two means": "Two independent groups",
    "change": "One group measured twice",
    "correlation": "Correlations",
    "two proportions": "Two proportions",
    "one mean": "Means of one group",
    "one proportion": "Proportions of one group",
    "reported": "Effects as printed, and hazard ratios",
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page() -> str:
    """Return the page as Markdown."""
    lines = [HEAD]
    for design, title in TITLES.items():
        own = [route for route in ROUTES if route.design == design]
        lines += [f"## {title}", ""]
        lines += ["| route | needs | what it does | assumes | | source | leads to |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for route in own:
            needs = " ".join(f"`{word}`" for word in route.needs)
            optional = " ".join(f"`{word}`" for word in route.optional)
            cells = [
                route.code,
                f"{needs}, also {optional}" if optional else needs,
                route.formula,
                route.assumption,
                route.exactness,
                f"[{route.reference}]",
                " ".join(served_by(route)),
            ]
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        lines.append("")
    words = dict.fromkeys(word for route in ROUTES for word in route.words)
    lines += ["## Words", "", "| word | meaning | unit | must be |", "|---|---|---|---|"]
    for word in words:
        symbol = SYMBOLS[word]
        lines.append(f"| `{word}` | {symbol.meaning} | {symbol.unit} | {symbol.domain} |")
    return "\n".join(lines) + "\n"
