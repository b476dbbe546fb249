"""The style of the HTML page: for a desk, a phone, the dark, and print."""

from __future__ import annotations

from metarel.plot._theme import THEMES, Theme

_RULES = """
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--ink); font: 1.0625rem/1.6 Georgia, "Times New Roman", serif; }
h1, h2, nav, table, figcaption, .note, .skip { font-family: system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.5rem 0 0.75rem; padding-top: 0.75rem;
  border-top: 1px solid var(--rule); }
p, li { max-width: 44rem; overflow-wrap: break-word; }
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem 0.75rem; background: var(--paper); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 1rem 0 0; padding: 0;
  list-style: none; font-size: 0.95rem; }
.scroll { overflow-x: auto; margin: 1.25rem 0 0.5rem; }
table { border-collapse: collapse; font-size: 0.875rem; line-height: 1.4; min-width: 60%;
  font-variant-numeric: tabular-nums lining-nums; border-bottom: 1.5px solid var(--ink); }
caption { text-align: left; font-weight: 600; padding-bottom: 0.5rem; }
th, td { padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
th.n, td.n { text-align: right; }
td.n { white-space: nowrap; }
thead th { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink);
  vertical-align: bottom; font-weight: 600; }
tbody th { font-weight: 400; }
tbody tr + tr th, tbody tr + tr td { border-top: 1px solid var(--faint); }
.note { font-size: 0.85rem; color: var(--muted); margin: 0.25rem 0; }
figure { margin: 1.5rem 0; }
figure .scroll { margin: 0; width: fit-content; max-width: 100%; background: var(--sheet);
  border-radius: 4px; }
img { display: block; max-width: 100%; height: auto; }
figcaption { font-size: 0.9rem; color: var(--muted); margin-top: 0.5rem; max-width: 44rem; }
pre { overflow-x: auto; padding: 0.9rem 1rem; background: var(--sunk); border-radius: 4px;
  font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; max-height: 30rem; }
@media (max-width: 40rem) {
  body { padding: 1rem 1rem 3rem; font-size: 1rem; }
  h1 { font-size: 1.5rem; }
}
"""
_PRINT = """
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip { display: none; }
  a { color: inherit; text-decoration: none; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; min-width: 0; width: 100%; }
  th, td { padding-left: 0.25rem; padding-right: 0.25rem; }
  .note, figcaption { font-size: 8pt; }
  thead { display: table-header-group; }
  tr, img, .note { break-inside: avoid; }
  figure:not(:has(img + img)) { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  img { min-width: 0 !important; max-width: 100%; max-height: 23cm; width: auto; margin: 0 auto; }
  pre { max-height: none; white-space: pre-wrap; font-size: 7.5pt; }
  @page { margin: 2cm; }
}
"""
_LINKS = {"light": "#0b5394", "dark": "#8ec5ff"}


def style_of(theme: str) -> str:
    """Return the whole style sheet.

    A light page turns dark where the reader's system asks for it, and its figures stay on white
    sheets; a dark page is dark everywhere but in print.
    """
    chosen = THEMES[theme]
    rules = f":root {{ color-scheme: {chosen.code}; {_colours(chosen, chosen)} }}{_RULES}"
    if chosen.code == "light":
        dark = _colours(THEMES["dark"], chosen)
        rules += (
            "@media screen and (prefers-color-scheme: dark) {\n"
            f"  :root {{ color-scheme: dark; {dark} }}\n}}"
        )
    paper = _colours(THEMES["light"], chosen)
    return f"{rules}\n@media print {{ :root {{ {paper} }} }}{_PRINT}".strip()


def _colours(theme: Theme, figures: Theme) -> str:
    """Return the colours of a page, and of the sheets that its figures lie on."""
    named = {
        "paper": theme.paper,
        "ink": theme.ink,
        "muted": theme.muted,
        "rule": theme.rule,
        "faint": theme.shades[2],
        "sunk": theme.shades[3],
        "link": _LINKS[theme.code],
        "sheet": figures.paper,
    }
    return " ".join(f"--{name}: {colour};" for name, colour in named.items())
