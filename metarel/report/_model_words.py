"""A model in words: what was fitted, how tau2 was found, how means are tested."""

from __future__ import annotations

import re
from typing import Any

from metarel._format import count
from metarel.models._summary import model_name
from metarel.report._quantities import formula_words, has_moderators, random_effects, whole
from metarel.report._runs import Text, phrase
from metarel.report._style import Style
from metarel.robust._result import RobustFit
from metarel.robust._sandwich import ROBUST_KINDS
from metarel.tau2.register import TAU2

_METHOD = re.compile(r"(.+?)((?:, | for |$).*)")
#: Each test as a phrase that completes "with".
TEST_WORDS = {
    "z": "Wald *z* tests",
    "t": "*t* tests with *k* − *p* degrees of freedom",
    "knha": "the Knapp–Hartung adjustment",
    "adhoc": "the Knapp–Hartung adjustment, its factor at least 1",
    "hybrid": "the wider of the Knapp–Hartung and the normal interval",
    "iqwig": (
        "the Knapp–Hartung adjustment, its factor at least 1 where the interval would be narrower "
        "than that of DerSimonian and Laird"
    ),
    "kr": "the Kenward–Roger adjustment",
}


def article(noun: str) -> str:
    """Return a noun phrase behind ``A`` or ``An``."""
    return f"{'An' if noun[:1].lower() in 'aeiou' else 'A'} {noun}"


def kind_of(fit: Any) -> str:
    """Return the model's name for the middle of a sentence."""
    name = model_name(fit)
    return name[:1].lower() + name[1:]


def tau2_words(fit: Any, style: Style) -> Text:
    """Return how tau2 was found."""
    if not isinstance(fit.spec.tau2, str):
        return phrase("τ² fixed at {value}", value=style.number(float(fit.spec.tau2), 4))
    name = TAU2[fit.spec.tau2].name
    if name != name.lower():  # named after somebody
        head, rest = _METHOD.match(name).groups()  # type: ignore[union-attr]
        name = f"the {head} method{rest}".replace("-", "–" if head[:1].isupper() else "-")
    return phrase("τ² estimated by {name}", name=name)


def test_words(fit: Any) -> Text:
    """Return how coefficients are tested."""
    if isinstance(fit, RobustFit):
        kind = ROBUST_KINDS[fit.kind].name
        return phrase(
            "cluster-robust standard errors ({kind}; {clusters})",
            kind=kind,
            clusters=count(fit.m, "cluster"),
        )
    return phrase(TEST_WORDS[fit.spec.test])


def sizes(fit: Any, people: float | None) -> Text:
    """Return the studies and the people: ``k = 13 studies (N = 1,234)``."""
    text = phrase("*k* = {k} {word}", k=str(fit.k), word="study" if fit.k == 1 else "studies")
    return text if people is None else phrase("{t} (*N* = {n})", t=text, n=whole(people))


def model_sentence(fit: Any, style: Style, people: float | None) -> Text:
    """Return the sentence that says what was fitted."""
    how = test_words(fit)
    if random_effects(fit) and not fit.spec.model and fit.k > 1:
        how = phrase("{tau2} and {test}", tau2=tau2_words(fit, style), test=how)
    if fit.spec.model:
        head = phrase("The method was: {name}; it took", name=kind_of(fit))
        return phrase("{h} {s}, with {how}.", h=head, s=sizes(fit, people), how=how)
    name = article(kind_of(fit))
    if has_moderators(fit):
        name += f" of the effects on {formula_words(fit.spec.formula)}"
    return phrase(
        "{name} was fitted to {sizes}, with {how}.", name=name, sizes=sizes(fit, people), how=how
    )
