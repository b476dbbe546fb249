"""The verdicts on a folder of cases: counted, tabled, told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from metarel._format import count
from metarel._lazy import pd
from metarel.repro.case_judge import FIGURE_VERDICTS, FigureVerdict
from metarel.repro.case_schema import QUANTITIES
from metarel.repro.case_verdict import ALL_AGREE, BY_PROGRAM, LEVELS, CaseVerdict, Evidence

CASE_COLUMNS = (
    *("id", "corpus", "file", "level", "agreeing", "figures", "differing", "analysis", "formulas"),
    *("wider", "explanation", "competing", "placebo", "obstacle", "surprises", "remarks"),
)
FIGURE_COLUMNS = (
    *("id", "corpus", "level", "quantity", "printed", "value", "verdict", "units", "note"),
)


@dataclass(frozen=True, slots=True, repr=False)
class CaseReproduction:
    """The verdicts on the cases of a folder.

    Parameters
    ----------
    cases : tuple of CaseVerdict
        One a case, in the order of the files.
    depth : str
        How far explanations were looked for.
    seed : int
        Of what was drawn.
    strict : bool
        Whether a figure that differs fails the run, expected or not.
    resumed : int
        How many verdicts were taken from an earlier run.
    """

    cases: tuple[CaseVerdict, ...]
    depth: str = "full"
    seed: int = 0
    strict: bool = False
    resumed: int = 0

    @property
    def ok(self) -> bool:
        """Whether the run passes.

        Every case ran, and every verdict that a case's file expects came; under ``strict`` every
        figure agrees at its digits as well.
        """
        surprised = any(case.surprises for case in self.cases)
        return not surprised and (not self.strict or all(case.agrees for case in self.cases))

    @property
    def counts(self) -> dict[str, int]:
        """How many cases stand at each level, in the order of ``LEVELS``."""
        return _counted(case.level for case in self.cases)

    @property
    def corpora(self) -> tuple[str, ...]:
        """The collections, in the order in which they come."""
        return tuple(dict.fromkeys(case.corpus for case in self.cases))

    def levels(self) -> pd.DataFrame:
        """Return how many cases of each collection stand at each level.

        Returns
        -------
        DataFrame
            One row a level, one column a collection, and ``all``.
        """
        columns = {
            corpus: _counted(case.level for case in self.cases if case.corpus == corpus)
            for corpus in self.corpora
        }
        return pd.DataFrame({**columns, "all": self.counts}).rename_axis("level")

    def by_figure(self) -> pd.DataFrame:
        """Return how many figures of each quantity have each verdict.

        Returns
        -------
        DataFrame
            One row a quantity that is printed, one column a verdict, and ``printed``.
        """
        pairs = Counter((f.quantity, f.verdict) for case in self.cases for f in case.figures)
        names = dict.fromkeys(f.quantity for case in self.cases for f in case.figures)
        order = [
            *(name for name in QUANTITIES if name in names),
            *(n for n in names if n not in QUANTITIES),
        ]
        rows = {name: {v: pairs[name, v] for v in FIGURE_VERDICTS} for name in order}
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(FIGURE_VERDICTS))
        frame.insert(0, "printed", frame.sum(axis=1).astype(int))
        return frame.rename_axis("quantity")

    def to_frame(self) -> pd.DataFrame:
        """Return one row a case: its level, what agrees, what differs, what accounts for it."""
        return pd.DataFrame([_case_row(case) for case in self.cases], columns=CASE_COLUMNS)

    def figures(self) -> pd.DataFrame:
        """Return one row a printed figure."""
        rows = [
            {"id": case.id, "corpus": case.corpus, "level": case.level, **figure.to_dict()}
            for case in self.cases
            for figure in case.figures
        ]
        frame = pd.DataFrame(rows, columns=FIGURE_COLUMNS)
        return frame.astype({"value": float, "units": float})

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, ready for JSON."""
        return {
            "ok": self.ok,
            "strict": self.strict,
            "depth": self.depth,
            "seed": self.seed,
            "counts": self.counts,
            "cases": [case.to_dict() for case in self.cases],
        }

    def summary(self) -> str:
        """Return one sentence: how many cases stand at which level, and what is unexpected."""
        shown = ", ".join(f"{number} {level}" for level, number in self.counts.items() if number)
        surprised = [case.id for case in self.cases if case.surprises]
        tail = "as expected" if not surprised else f"unexpected: {', '.join(surprised)}"
        failing = self.strict and any(not case.agrees for case in self.cases)
        strict = "; strict: figures differ" if failing else ""
        return f"{count(len(self.cases), 'case')}: {shown}; {tail}{strict}."

    def report(self) -> str:
        """Return the report as Markdown: what was found, a table of cases, those that differ.

        Returns
        -------
        str
            The same text for the same cases, settings and seed, however the run was made.
        """
        told = [case for case in self.cases if case.level != ALL_AGREE or case.surprises]
        parts = [
            "# Printed figures, re-computed",
            self.summary(),
            _level_words(),
            "## Levels",
            _markdown(self.levels().reset_index()),
            "## Figures",
            _markdown(self.by_figure().reset_index()),
            "## Cases",
            _markdown(self._short_frame()),
        ]
        if told:
            parts += ["## Cases in detail", *(paragraph(case) for case in told)]
        return "\n\n".join(parts) + "\n"

    def _short_frame(self) -> pd.DataFrame:
        frame = self.to_frame()
        frame["agree"] = [f"{a} of {n}" for a, n in zip(frame.agreeing, frame.figures, strict=True)]
        frame["placebo"] = ["" if pd.isna(rate) else f"{rate:.3f}" for rate in frame.placebo]
        return frame[["id", "level", "agree", "differing", "placebo"]]

    def __str__(self) -> str:
        rows = self.levels()
        return f"{rows[rows['all'] > 0].to_string()}\n\n{self.summary()}"

    def __repr__(self) -> str:
        return f"CaseReproduction({self.summary()})"


def _counted(levels: Iterable[str]) -> dict[str, int]:
    found = Counter(levels)
    return {level: found[level] for level in LEVELS}


def _case_row(case: CaseVerdict) -> dict[str, Any]:
    explaining = [one for one in case.evidence if one.step == case.level]
    best = explaining[0] if explaining else None
    return {
        "id": case.id,
        "corpus": case.corpus,
        "file": case.file,
        "level": case.level,
        "agreeing": sum(figure.agrees for figure in case.figures),
        "figures": len(case.figures),
        "differing": ", ".join(told_figure(figure) for figure in case.figures if not figure.agrees),
        "analysis": case.analysis,
        "formulas": case.formulas,
        "wider": case.wider,
        "explanation": best.text if best else "",
        "competing": best.found if best else 0,
        "placebo": best.placebo if best and best.placebo is not None else float("nan"),
        "obstacle": case.obstacle,
        "surprises": "; ".join(case.surprises),
        "remarks": "; ".join(case.remarks),
    }


def told_figure(figure: FigureVerdict) -> str:
    """Return a figure that differs as a phrase.

    Parameters
    ----------
    figure : FigureVerdict
        The figure.

    Returns
    -------
    str
        Such as ``"Q 288.85 (286.854)"``.
    """
    truncated = ", truncated" if figure.verdict == FIGURE_VERDICTS[2] else ""
    return f"{figure.quantity} {figure.printed} ({figure.value:.6g}{truncated})"


def paragraph(case: CaseVerdict) -> str:
    """Return what is known of one case as a paragraph of Markdown.

    Parameters
    ----------
    case : CaseVerdict
        The case.

    Returns
    -------
    str
        Its level, the figures that differ, what each step of explaining found.
    """
    lines = [f"**{case.id}** ({case.file}): {case.level}."]
    if case.obstacle:
        lines.append(case.obstacle)
    if case.analysis:
        lines.append(f"Declared: {case.analysis}; best with {case.formulas}.")
    differing = [told_figure(figure) for figure in case.figures if not figure.agrees]
    if differing:
        lines.append(f"Printed and not computed so: {', '.join(differing)}.")
    elif case.level == BY_PROGRAM:
        lost = [f.quantity for f in case.figures if f.quantity not in case.with_metafor]
        lines.append(f"With metafor's formulas {', '.join(lost)} would differ.")
    lines += [_told_evidence(one) for one in case.evidence]
    if case.remarks:
        lines.append(f"Read so: {'; '.join(case.remarks)}.")
    if case.surprises:
        lines.append(f"Unexpected: {'; '.join(case.surprises)}.")
    return " ".join(lines)


def _told_evidence(one: Evidence) -> str:
    text, weighed = one.text, []
    if one.tried:
        weighed.append(f"{one.found} of {count(one.tried, one.of.removesuffix('s'), one.of)}")
    if one.placebo is not None:
        weighed.append(f"placebo {100 * one.placebo:.1f} %")
    told = f" ({'; '.join(weighed)})" if weighed else ""
    sentence = f"{text[:1].upper()}{text[1:].rstrip('.')}"
    return f"{sentence}{told}."


def _level_words() -> str:
    return "\n".join(f"- *{level}*: {meaning}" for level, meaning in LEVELS.items())


def _markdown(frame: pd.DataFrame) -> str:
    """Return a frame as a Markdown table."""
    cells = [list(map(_cell, row)) for row in frame.itertuples(index=False)]
    rows = [list(map(str, frame.columns)), ["---"] * len(frame.columns), *cells]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: Any) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
