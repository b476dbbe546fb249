"""One study of two groups or occasions, written up: ``python benchmarks/two_groups.py [N]``.

Draws scores of two groups (equal or unequal) or of one group at two occasions, tests them by
Student's, Welch's or a paired t-test or by an F, standardises by the pooled SD, the average one,
that of the second group, with Hedges' correction or by the SD of changes, and writes it as journals
do, in English and German style. A question about such a paragraph is a false alarm. Then d, t, a
mean or a size is changed, and it is counted how often a check says so.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from scipy import special, stats

import metarel as mr

MISTAKES = ("d", "t", "mean", "n", "eta2")
CODES = ("d from", "g from", "t from means", "F from means", "df from sizes", "eta2 from F")


@dataclass(frozen=True)
class Study:
    """A study as it is printed."""

    n1: int
    n2: int
    m1: float
    m2: float
    sd1: float
    sd2: float
    t: float
    df: float
    p: float
    d: float
    name: str
    paired: bool
    ci: tuple[float, float]


def half_up(x: float, digits: int = 2) -> str:
    """Print a number."""
    return f"{x:.{digits}f}"


def _correction(df: float) -> float:
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def study(rng: np.random.Generator) -> Study:
    """Draw a study and analyse it."""
    paired = rng.random() < 0.25
    n1 = int(rng.integers(10, 90))
    n2 = n1 if paired or rng.random() < 0.4 else max(8, int(n1 * rng.uniform(0.4, 1.6)))
    scale = rng.choice([1.0, 8.0])
    one = scale * (rng.normal(3, 1, n1))
    two = scale * (rng.normal(3 - rng.uniform(-0.2, 1.2), rng.uniform(0.8, 1.3), n2))
    if paired:
        two = 0.6 * one + 0.8 * two
    sd1, sd2 = float(one.std(ddof=1)), float(two.std(ddof=1))
    gap = float(one.mean() - two.mean())
    pooled = float(np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2)))
    if paired:
        changes = float((one - two).std(ddof=1))
        df, t = float(n1 - 1), gap / changes * np.sqrt(n1)
        d = gap / float(rng.choice([changes, np.sqrt((sd1**2 + sd2**2) / 2), sd1]))
    else:
        welch = rng.random() < 0.25
        found = stats.ttest_ind(one, two, equal_var=not welch)
        df, t = round(float(found.df), 2), float(found.statistic)
        d = gap / float(rng.choice([pooled, pooled, pooled, np.sqrt((sd1**2 + sd2**2) / 2), sd2]))
    name = str(rng.choice(["d", "d", "g"]))
    d *= _correction(n1 + n2 - 2 if not paired else n1 - 1) if name == "g" else 1
    se = np.sqrt(1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))
    p = float(2 * stats.t.sf(abs(t), df))
    ci = (d - 1.96 * se, d + 1.96 * se)
    return Study(
        n1, n2, float(one.mean()), float(two.mean()), sd1, sd2, t, df, p, d, name, paired, ci
    )


def p_text(p: float) -> str:
    """Print a p-value in the style of the APA, with its sign."""
    return "< .001" if p < 0.0005 else f"= {p:.3f}".replace("0.", ".")


def paragraph(rng: np.random.Generator, mistake: str = "") -> str:
    """Write a study up; with a mistake, one of its figures is another."""
    s = study(rng)
    while mistake and (abs(s.t) < 1 or (mistake == "n" and s.paired)):
        s = study(rng)
    df2 = s.df if float(s.df).is_integer() else None
    eta = s.t**2 / (s.t**2 + s.df)
    if mistake == "d":
        s = replace(s, d=3.2 * s.d, ci=(3.2 * s.ci[0], 3.2 * s.ci[1]))
    if mistake == "t":
        s = replace(s, t=3 * s.t, p=float(2 * stats.t.sf(abs(3 * s.t), s.df)))
    if mistake == "mean":
        s = replace(s, m1=s.m2 + 3 * (s.m1 - s.m2))
    if mistake == "n":
        s = replace(s, n1=3 * s.n1)
    digits = int(rng.choice([1, 2, 2]))
    df = half_up(s.df, 0 if df2 is not None else int(rng.choice([1, 2])))
    t, p, d = half_up(s.t), p_text(s.p), f"{s.name} = {half_up(s.d)}"
    ci = (
        rng.choice(["", f", 95% CI [{half_up(s.ci[0])}, {half_up(s.ci[1])}]"])
        if not s.paired
        else ""
    )
    a = f"M = {half_up(s.m1, digits)}, SD = {half_up(s.sd1, digits)}"
    b = f"M = {half_up(s.m2, digits)}, SD = {half_up(s.sd2, digits)}"
    if s.paired:
        texts = [
            f"Symptoms fell from pre ({a}) to post ({b}), t({df}) = {t}, p {p}, {d}.",
            f"In a paired t-test, scores changed (pre: {a}; post: {b}; n = {s.n1}), t({df}) = {t}, "
            f"p {p}, {d}.",
            f"The change was significant, t({df}) = {t}, p {p}, {d}.",
        ]
        return str(rng.choice(texts))
    f = half_up(s.t**2)
    n1, n2 = s.n1, s.n2
    texts = [
        f"Patients in CBT ({a}, n = {n1}) scored higher than controls ({b}, n = {n2}), "
        f"t({df}) = {t}, p {p}, {d}{ci}.",
        f"The groups differed, t({df}) = {t}, p {p}, {d}{ci} (CBT: {a}; control: {b}).",
        f"Participants were allocated to CBT (n = {n1}) or a waiting list (n = {n2}). CBT ({a}) "
        f"differed from the waiting list ({b}), t({df}) = {t}, p {p}, {d}.",
        f"CBT (n1 = {n1}) and control (n2 = {n2}) differed, t({df}) = {t}, p {p}, {d}{ci}.",
        f"Scores were {half_up(s.m1, digits)} (SD = {half_up(s.sd1, digits)}) versus "
        f"{half_up(s.m2, digits)} (SD = {half_up(s.sd2, digits)}), t({df}) = {t}, p {p}, {d}.",
        f"There was a difference, t({df}) = {t}, p {p}, {d}{ci}.",
        f"Die Gruppen unterschieden sich (KVT: {a}, n = {n1}; KG: {b}, n = {n2}), t({df}) = {t}; "
        f"p {p}; {d}.".replace("0.", "0,").replace(", SD", "; SD"),
    ]
    if df2 is not None:
        texts += [
            f"CBT (n = {n1}) and control (n = {n2}) differed, F(1, {df}) = {f}, p {p}, {d}.",
            f"An ANOVA showed an effect of group, F(1, {df}) = {f}, p {p}, "
            f"ηp² = {half_up(eta)[1:]}.",
        ]
    if mistake == "eta2" and df2 is not None:
        return (
            f"Groups differed, F(1, {df}) = {f}, p {p}, ηp² = {half_up(min(0.99, eta + 0.3))[1:]}."
        )
    few = {"mean": [0, 1, 2, 4], "n": [0, 3], "t": [0, 1, 2, 3, 4], "d": [0, 1, 2, 3, 4, 5]}
    if mistake in few:
        return texts[int(rng.choice(few[mistake]))]
    return str(rng.choice(texts))


def false_alarms(count: int, seed: int) -> tuple[int, list[tuple[str, str]]]:
    """Return how many checks of honest paragraphs were made, and the questions they raised."""
    rng = np.random.default_rng(seed)
    made, asked = 0, []
    for _ in range(count):
        text = paragraph(rng)
        found = mr.check(text)
        made += len([f for f in found.findings if f.code.startswith(CODES)])
        asked += [(finding.what, text) for finding in found.problems]
    return made, asked


def detection(count: int, seed: int) -> dict[str, Counter[str]]:
    """Return how many mistakes of each kind were asked about, or found at all."""
    rng = np.random.default_rng(seed)
    found: dict[str, Counter[str]] = {mistake: Counter() for mistake in MISTAKES}
    for mistake in MISTAKES:
        for _ in range(count):
            checked = mr.check(paragraph(rng, mistake))
            asked = {f.code for f in checked.problems if f.code.startswith(CODES)}
            told = {f.code for f in checked.remarks if f.code.startswith(CODES)}
            found[mistake]["asked"] += bool(asked)
            found[mistake]["told"] += bool(asked or told)
    return found


def main() -> None:
    """Print false alarms and detection."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=200)
    count = parser.parse_args().count
    made, asked = false_alarms(count, 1)
    lines = [f"{count} honest paragraphs, {made} checks of two groups: {len(asked)} questions"]
    lines += [f"  {what}\n    {text}" for what, text in asked[:12]]
    for name, found in detection(count, 2).items():
        lines.append(f"{name}: {found['asked']} of {count} asked, {found['told']} told")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
