"""Each of metafor's transformations as a conversion: the same number, by which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from metarel._register import Register
from metarel.convert.register import steps_by

Z_BEYOND = "metafor cuts correlations beyond ±1 there; here they are refused."
SHARE_BEYOND = "metafor gives infinite values at 0 and 1; here they are refused."
HARMONIC = "`n` is the harmonic mean of the sizes, which metafor computes itself."
RENAMED = "Older versions of metafor call it `{}`."


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A function of metafor, and the conversion that gives the same number.

    Parameters
    ----------
    code : str
        Its name in metafor.
    source, target : str
        The metrics.
    rule : str or None
        The rule, where it is not the default.
    words : mapping of str to str
        metafor's arguments and the words here.
    sized : mapping of str to str
        Arguments that choose the rule ``"exact"`` (``sized_rule``) where they are given.
    sized_rule : str
        The rule that reads them.
    average : str
        ``"mean"`` for the integrals, ``"mode"`` for the modes; with ``tau2``.
    note : str
        What differs, and why.
    """

    code: str
    source: str
    target: str
    rule: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    sized: Mapping[str, str] = field(default_factory=dict)
    sized_rule: str = "exact"
    average: str = ""
    note: str = ""

    @property
    def call(self) -> str:
        """Return the call, x being the value."""
        return self._call(self.rule, self.words)

    @property
    def sized_call(self) -> str:
        """Return the call with sizes; empty where the function takes none."""
        return self._call(self.sized_rule, {**self.words, **self.sized}) if self.sized else ""

    @property
    def edges(self) -> tuple[str, ...]:
        """Return the codes of the steps."""
        return tuple(edge.code for edge in steps_by(self.source, self.target, self.rule))

    def _call(self, rule: str | None, words: Mapping[str, str]) -> str:
        parts = ["x", f'"{self.source}"', f'"{self.target}"']
        parts += [f'rule="{rule}"'] if rule else []
        parts += [f"{ours}=…" for ours in words.values()]
        parts += ["tau2=…"] if self.average else []
        parts += ['average="mode"'] if self.average == "mode" else []
        return f"convert({', '.join(parts)})"


SIZES = {"n1i": "n1", "n2i": "n2"}
NEGATIVE = "metafor takes an alpha below 0 for 0; the default rule keeps it."

_PLAIN = (
    Equivalent("rtoz", "r", "z", note=Z_BEYOND),
    Equivalent("ztor", "z", "r"),
    Equivalent("logit", "proportion", "logit", note=SHARE_BEYOND),
    Equivalent("ilogit", "logit", "proportion"),
    Equivalent("probit", "proportion", "probit", note=SHARE_BEYOND),
    Equivalent("iprobit", "probit", "proportion"),
    Equivalent("arcsin", "proportion", "arcsine"),
    Equivalent("iarcsin", "arcsine", "proportion"),
    Equivalent("pft", "proportion", "double_arcsine", words={"ni": "n"}),
    Equivalent("ipft", "double_arcsine", "proportion", words={"ni": "n"}),
    Equivalent("ipft.hm", "double_arcsine", "proportion", words={"ni": "n"}, note=HARMONIC),
    Equivalent("isqrt", "sqrt_rate", "rate"),
    Equivalent("irft", "rate", "ft_rate", words={"ti": "time"}),
    Equivalent("iirft", "ft_rate", "rate", words={"ti": "time"}),
    Equivalent("ahw", "alpha", "ahw"),
    Equivalent("iahw", "ahw", "alpha", "not-negative", note=NEGATIVE),
    Equivalent("abt", "alpha", "abt"),
    Equivalent("iabt", "abt", "alpha", "not-negative", note=NEGATIVE),
    Equivalent(
        "r2toz", "r2", "z_r2", note="metafor takes R² below 0 for 0; here they are refused."
    ),
    Equivalent("ztor2", "z_r2", "r2"),
    Equivalent("dtou1", "d", "U1"),
    Equivalent("dtou2", "d", "U2"),
    Equivalent("dtou3", "d", "U3"),
    Equivalent("dtoovl", "d", "overlap"),
    Equivalent("dtocles", "d", "cles"),
    Equivalent("dtocliffd", "d", "cliff"),
    Equivalent("dtobesd", "d", "besd"),
    Equivalent("dtomd", "d", "md", words={"sd": "sd"}),
    Equivalent("dtorpb", "d", "r_pb", sized=SIZES),
    Equivalent("dtorbis", "d", "r_bis", sized=SIZES),
    Equivalent("rpbtorbis", "r_pb", "r_bis", words={"pi": "base_rate"}),
    Equivalent("rtorpb", "r", "r_pb", words={"pi": "base_rate"}),
    Equivalent("rtod", "r", "d", "dichotomised", sized=SIZES, sized_rule="dichotomised-n"),
    Equivalent("rpbtod", "r_pb", "d", sized=SIZES),
    Equivalent(
        "lnortord",
        "log_or",
        "rd",
        words={"pc": "control_rate"},
        note=RENAMED.format("transf.logortord"),
    ),
    Equivalent(
        "lnortorr",
        "log_or",
        "rr",
        words={"pc": "control_rate"},
        note=RENAMED.format("transf.logortorr"),
    ),
    Equivalent("lnortod.norm", "log_or", "d", "cox"),
    Equivalent("lnortod.logis", "log_or", "d", "logistic"),
    Equivalent("dtolnor.norm", "d", "log_or", "cox"),
    Equivalent("dtolnor.logis", "d", "log_or", "logistic"),
    Equivalent("lnortortet.pearson", "log_or", "r_tet", "pearson"),
    Equivalent("lnortortet.digby", "log_or", "r_tet", "digby"),
)

_ALPHA = "Over alphas of 0 and more."
_AVERAGED = (
    Equivalent("ztor", "z", "r"),
    Equivalent("exp", "log_or", "or", note="Any log ratio: also `log_rr` to `rr`."),
    Equivalent("ilogit", "logit", "proportion"),
    Equivalent("iprobit", "probit", "proportion"),
    Equivalent("iarcsin", "arcsine", "proportion"),
    Equivalent("iahw", "ahw", "alpha", "not-negative", note=_ALPHA),
    Equivalent("iabt", "abt", "alpha", "not-negative", note=_ALPHA),
)


def _over(plain: Equivalent, suffix: str, kind: str) -> Equivalent:
    return replace(plain, code=f"{plain.code}.{suffix}", average=kind)


#: Every ``transf.*`` of metafor by its whole name.
METAFOR: Register[Equivalent] = Register(
    "transformation",
    [
        replace(known, code=f"transf.{known.code}")
        for known in (
            *_PLAIN,
            *(_over(plain, "int", "mean") for plain in _AVERAGED),
            Equivalent("dtocles.int", "d", "cles", average="mean"),
            *(_over(plain, "mode", "mode") for plain in _AVERAGED),
        )
    ],
    aliases={"transf.logortord": "transf.lnortord", "transf.logortorr": "transf.lnortorr"},
)
