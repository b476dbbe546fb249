"""Whole paragraphs of results, right and with a mistake: ``python benchmarks/paragraphs.py [N]``.

Draws meta-analyses, writes them up as journals do (a pooled effect, its heterogeneity, subgroups,
moderators, tests of publication bias, sensitivity analyses) and hands the text to ``check``. All
figures of an honest paragraph are computed and rounded as printed, so a question about one is a
false alarm: figures of different results were held against each other. Then one figure of the main
result is changed, and it is counted how often a check that knows it is not consistent.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

import metarel as mr

Z = 1.959964
#: What is changed, and the checks that may say so.
MISTAKES = {
    "p of Q": ("p of Q",),
    "I2": ("I2 from Q",),
    "z": ("z from CI", "z from SE"),
    "estimate": ("estimate in CI",),
}


@dataclass(frozen=True)
class Pooled:
    """A meta-analysis as it is printed."""

    k: int
    g: str
    low: str
    high: str
    se: str
    z: str
    p: str
    Q: str
    df: int
    p_q: str
    i2: str
    tau2: str
    mean: float
    error: float

    @property
    def ci(self) -> str:
        """The limits in square brackets."""
        return f"[{self.low}, {self.high}]"


def signed(x: float, digits: int = 2) -> str:
    """Return a number with a minus sign of typography."""
    return f"{x:.{digits}f}".replace("-", "−")


def p_text(p: float) -> str:
    """Return a p-value in the style of the APA, with its sign."""
    return "< .001" if p < 0.0005 else f"= {p:.3f}".replace("0.", ".")


def pooled(rng: np.random.Generator, k: int, mean: float) -> Pooled:
    """Draw studies and pool them after DerSimonian and Laird."""
    vi = rng.uniform(0.01, 0.08, k)
    yi = rng.normal(mean, np.sqrt(0.04 + vi))
    w = 1 / vi
    q = float((w * (yi - (w * yi).sum() / w.sum()) ** 2).sum())
    df = k - 1
    tau2 = max(0.0, (q - df) / (w.sum() - (w**2).sum() / w.sum()))
    weights = 1 / (vi + tau2)
    g, se = float((weights * yi).sum() / weights.sum()), float(weights.sum() ** -0.5)
    return Pooled(
        k, signed(g), signed(g - Z * se), signed(g + Z * se), f"{se:.3f}", signed(g / se),
        p_text(2 * stats.norm.sf(abs(g / se))), f"{q:.2f}", df, p_text(stats.chi2.sf(q, df)),
        f"{100 * max(0.0, (q - df) / q):.1f}%", f"{tau2:.3f}", g, se,
    )  # fmt: skip


def main_result(rng: np.random.Generator, m: Pooled) -> str:
    """Return the pooled effect and, mostly, its heterogeneity in the next sentence."""
    effect = (
        f"The overall effect was g = {m.g}, 95% CI {m.ci}, z = {m.z}, p {m.p} (k = {m.k}).",
        f"Across {m.k} studies, the pooled effect was g = {m.g} (SE = {m.se}, 95% CI {m.ci}, "
        f"z = {m.z}, p {m.p}).",
        f"A random-effects model gave Hedges' g = {m.g} (95% CI {m.low} to {m.high}; k = {m.k}; "
        f"p {m.p}).",
    )
    spread = (
        f"Heterogeneity was significant, Q({m.df}) = {m.Q}, p {m.p_q}, I² = {m.i2}.",
        f"There was heterogeneity (Q = {m.Q}, df = {m.df}, p {m.p_q}; I² = {m.i2}; τ² = {m.tau2}).",
        f"Heterogeneity: Tau² = {m.tau2}; Chi² = {m.Q}, df = {m.df} (P {m.p_q}); I² = {m.i2}. "
        f"Test for overall effect: Z = {m.z} (P {m.p}).",
        f"I² was {m.i2} and τ² was {m.tau2}, Q({m.df}) = {m.Q}, p {m.p_q}.",
    )
    return f"{rng.choice(effect)} {rng.choice(spread)}"


def subgroups(rng: np.random.Generator) -> str:
    """Return two subgroups and the test between them."""
    a, b = (pooled(rng, int(rng.integers(4, 15)), mean) for mean in (0.3, 0.5))
    between = (a.mean - b.mean) ** 2 / (a.error**2 + b.error**2)
    p = p_text(stats.chi2.sf(between, 1))
    texts = (
        f"Effects were g = {a.g} for CBT (95% CI {a.ci}, k = {a.k}, I² = {a.i2}) and g = {b.g} for "
        f"IPT (95% CI {b.ci}, k = {b.k}, I² = {b.i2}), QB(1) = {between:.2f}, p {p}.",
        f"In adults (k = {a.k}), g = {a.g} {a.ci}, Q({a.df}) = {a.Q}, p {a.p_q}; in youths "
        f"(k = {b.k}), g = {b.g} {b.ci}, Q({b.df}) = {b.Q}, p {b.p_q}.",
        f"The subgroups differed little, χ²(1) = {between:.2f}, p {p}.",
    )
    return str(rng.choice(texts))


def moderators(rng: np.random.Generator, m: Pooled) -> str:
    """Return an omnibus F of a moderator and a slope."""
    f, df = round(float(rng.uniform(0.2, 6)), 2), m.k - 3
    slope, se = round(float(rng.normal(0, 0.02)), 4), round(float(rng.uniform(0.005, 0.02)), 4)
    p = p_text(2 * stats.norm.sf(abs(slope / se)))
    texts = (
        f"Type was no moderator, F(2, {df}) = {f:.2f}, p {p_text(stats.f.sf(f, 2, df))}.",
        f"Year was no moderator (b = {signed(slope, 4)}, SE = {se:.4f}, "
        f"z = {signed(slope / se)}, p {p}).",
    )
    return str(rng.choice(texts))


def bias(rng: np.random.Generator, m: Pooled) -> str:
    """Return Egger's test, and an effect after trim-and-fill."""
    b, se = rng.normal(0.8, 0.5), rng.uniform(0.3, 0.9)
    t = round(float(b / se), 2)
    p, filled = p_text(2 * stats.t.sf(abs(t), m.k - 2)), pooled(rng, m.k + 3, 0.35)
    texts = (
        f"Egger's test was not significant (intercept = {signed(b)}, SE = {se:.2f}, "
        f"t({m.k - 2}) = {signed(t)}, p {p}); trim-and-fill imputed 3 studies and changed the "
        f"effect to g = {filled.g}, 95% CI {filled.ci}.",
        f"Egger's test, t({m.k - 2}) = {signed(t)}, p {p}. Trim-and-fill gave g = {filled.g} "
        f"{filled.ci}.",
    )
    return str(rng.choice(texts))


def sensitivity(rng: np.random.Generator, m: Pooled) -> str:
    """Return the result without outliers, or a rate of dropout."""
    s = pooled(rng, m.k - 2, 0.35)
    events, n = int(rng.integers(5, 60)), int(rng.integers(80, 200))
    low = 100 * stats.beta.ppf(0.025, events, n - events + 1)
    high = 100 * stats.beta.ppf(0.975, events + 1, n - events)
    texts = (
        f"Without two outliers (k = {s.k}), g = {s.g}, 95% CI {s.ci}, Q({s.df}) = {s.Q}, "
        f"p {s.p_q}, I² = {s.i2}.",
        f"After removal of two outliers heterogeneity was lower, Q({s.df}) = {s.Q}, p {s.p_q}, "
        f"I² = {s.i2}.",
        f"Dropout was {100 * events / n:.1f}% (95% CI {low:.1f}% to {high:.1f}%; {events}/{n}).",
    )
    return str(rng.choice(texts))


def paragraph(rng: np.random.Generator, mistake: str = "") -> str:
    """Return a paragraph; with a mistake, one figure of its main result is another."""
    m = pooled(rng, int(rng.integers(12, 40)), 0.4)
    wrong = {
        "p of Q": {"p_q": "= .030" if stats.chi2.sf(float(m.Q), m.df) > 0.1 else "= .400"},
        "I2": {"i2": "85.0%" if float(m.i2[:-1]) < 60 else "12.0%"},
        "z": {"z": signed(float(m.z.replace("−", "-")) + 2)},
        "estimate": {"g": signed(m.mean + 0.5)},
    }
    m = replace(m, **wrong[mistake]) if mistake else m
    more = [subgroups(rng), moderators(rng, m), bias(rng, m), sensitivity(rng, m)]
    kept = rng.permutation(4)[: int(rng.integers(1, 5))]
    return " ".join([main_result(rng, m), *(more[i] for i in kept)])


def false_alarms(count: int, seed: int) -> tuple[int, list[tuple[str, str]]]:
    """Return how many checks of honest paragraphs were made, and the questions they raised."""
    rng = np.random.default_rng(seed)
    made, asked = 0, []
    for _ in range(count):
        text = paragraph(rng)
        found = mr.check(text)
        made += len(found.findings)
        asked += [(finding.what, text) for finding in found.problems]
    return made, asked


def detection(count: int, seed: int) -> Counter[str]:
    """Return how many mistakes of each kind were found among ``count`` of each."""
    rng = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for mistake, codes in MISTAKES.items():
        for _ in range(count):
            checked = mr.check(paragraph(rng, mistake))
            told = {finding.code for finding in (*checked.problems, *checked.remarks)}
            found[mistake] += bool(told & set(codes))
    return found


def main() -> None:
    """Print false alarms and detection."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=200)
    count = parser.parse_args().count
    made, asked = false_alarms(count, 1)
    lines = [f"{count} honest paragraphs, {made} checks: {len(asked)} questions"]
    lines += [f"  {what}\n    {text}" for what, text in asked[:5]]
    lines += [f"{name}: {n} of {count} found" for name, n in detection(count, 2).items()]
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
