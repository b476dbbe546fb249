"""The page of the methods for medians, quartiles and ranges, from their register."""

from __future__ import annotations

from metarel.convert.recover_medians import SCENARIOS
from metarel.convert.recover_quantiles import QUANTILE_METHODS


def page() -> str:
    """Return the page as Markdown."""
    lines = ["# Mean and SD from quantiles", ""]
    lines += ["<!-- Generated from the register of mean_sd_from_quantiles; do not edit. -->", ""]
    lines += ["| method | what it is | assumption | takes | sources | used by |"]
    lines += ["|---|---|---|---|---|---|"]
    for method in QUANTILE_METHODS.values():
        takes = "; ".join(", ".join(SCENARIOS[scenario]) for scenario in method.takes)
        lines.append(
            f"| `{method.code}` | {method.name} | {method.assumption} | {takes} | "
            f"{', '.join(method.sources)} | {method.used_by} |"
        )
    return "\n".join(lines) + "\n"
