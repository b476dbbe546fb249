"""Columns are known by the names they have in other programs, in articles and other languages."""

from __future__ import annotations

import pytest

from metarel._checks import LABEL_COLUMNS
from metarel._vocabulary import SYMBOLS
from metarel.effects._column_names import LABELS, MARKS, OF_GROUPS
from metarel.effects._columns import (
    UNKNOWN,
    flat,
    guess_labels,
    guess_measure,
    guess_reported,
    guess_way,
    guess_words,
    names_of,
)


@pytest.mark.parametrize(
    ("columns", "measure", "words"),
    [
        (["Study", "Mean 1", "SD1", "N1", "mean2", "sd.2", "n_2"], "SMD",
         {"m1": "Mean 1", "sd1": "SD1", "n1": "N1", "m2": "mean2", "sd2": "sd.2", "n2": "n_2"}),
        (["author", "ri", "ni"], "ZCOR", {"r": "ri", "n": "ni"}),
        (["ai", "n1i", "ci", "n2i"], "OR",
         {"events1": "ai", "n1": "n1i", "events2": "ci", "n2": "n2i"}),
        (["studlab", "TE", "seTE"], "GEN", {"yi": "TE", "sei": "seTE"}),
        (["Studie", "Korrelation", "Stichprobe", "Jahr", "Therapie"], "ZCOR",
         {"r": "Korrelation", "n": "Stichprobe"}),
        (["Étude", "Corrélation", "Effectif"], "ZCOR", {"r": "Corrélation", "n": "Effectif"}),
        (["Estudio", "Media 1", "DE 1", "n1", "Media 2", "DE 2", "n2"], "SMD",
         {"m1": "Media 1", "sd1": "DE 1", "n1": "n1", "m2": "Media 2", "sd2": "DE 2", "n2": "n2"}),
        (["Estudo", "Correlação", "Amostra"], "ZCOR", {"r": "Correlação", "n": "Amostra"}),
        (["Studio", "Effetto", "Errore standard"], "GEN",
         {"yi": "Effetto", "sei": "Errore standard"}),
        (["Studie", "MW_IG", "SD_IG", "n_IG", "MW_KG", "SD_KG", "n_KG"], "SMD",
         {"m1": "MW_IG", "sd1": "SD_IG", "n1": "n_IG",
          "m2": "MW_KG", "sd2": "SD_KG", "n2": "n_KG"}),
        (["study", "r", "year"], "ZCOR", {"r": "r"}),
        (["Study", "M treat", "SD treat", "N treat", "M ctrl", "SD control", "n con"], "SMD",
         {"m1": "M treat", "sd1": "SD treat", "n1": "N treat",
          "m2": "M ctrl", "sd2": "SD control", "n2": "n con"}),
        (["Study", "Mean (exp)", "SD exp", "n exp", "Mean (ctrl)", "SD ctrl", "n ctrl"], "SMD",
         {"m1": "Mean (exp)", "sd1": "SD exp", "n1": "n exp",
          "m2": "Mean (ctrl)", "sd2": "SD ctrl", "n2": "n ctrl"}),
        (["Study", "Mean 1", "SD 1", "Total 1", "Mean 2", "SD 2", "Total 2"], "SMD",
         {"m1": "Mean 1", "sd1": "SD 1", "n1": "Total 1",
          "m2": "Mean 2", "sd2": "SD 2", "n2": "Total 2"}),
        (["Study", "Events 1", "Total 1", "Events 2", "Total 2"], "OR",
         {"events1": "Events 1", "n1": "Total 1", "events2": "Events 2", "n2": "Total 2"}),
        (["Study", "Experimental cases", "Experimental N", "Control cases", "Control N"], "OR",
         {"events1": "Experimental cases", "n1": "Experimental N",
          "events2": "Control cases", "n2": "Control N"}),
        (["Study name", "Group-A Mean", "Group-A Std-Dev", "Group-A Sample size",
          "Group-B Mean", "Group-B Std-Dev", "Group-B Sample size"], "SMD",
         {"m1": "Group-A Mean", "sd1": "Group-A Std-Dev", "n1": "Group-A Sample size",
          "m2": "Group-B Mean", "sd2": "Group-B Std-Dev", "n2": "Group-B Sample size"}),
        (["Study name", "Hedges's g", "Std Err"], "GEN", {"yi": "Hedges's g", "sei": "Std Err"}),
        (["m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"], "SMD",
         {"m1": "m1i", "sd1": "sd1i", "n1": "n1i", "m2": "m2i", "sd2": "sd2i", "n2": "n2i"}),
        (["studlab", "n.e", "mean.e", "sd.e", "n.c", "mean.c", "sd.c"], "SMD",
         {"m1": "mean.e", "sd1": "sd.e", "n1": "n.e", "m2": "mean.c", "sd2": "sd.c", "n2": "n.c"}),
        (["Étude", "Moyenne traitement", "Écart-type traitement", "Effectif traitement",
          "Moyenne témoin", "Écart-type témoin", "Effectif témoin"], "SMD",
         {"m1": "Moyenne traitement", "sd1": "Écart-type traitement",
          "n1": "Effectif traitement", "m2": "Moyenne témoin", "sd2": "Écart-type témoin",
          "n2": "Effectif témoin"}),
        (["Estudio", "Media grupo control", "DE grupo control", "n grupo control",
          "Media grupo experimental", "DE grupo experimental", "n grupo experimental"], "SMD",
         {"m1": "Media grupo experimental", "sd1": "DE grupo experimental",
          "n1": "n grupo experimental", "m2": "Media grupo control",
          "sd2": "DE grupo control", "n2": "n grupo control"}),
        (["Estudo", "Média GE", "DP GE", "Amostra GE", "Média GC", "DP GC", "Amostra GC"], "SMD",
         {"m1": "Média GE", "sd1": "DP GE", "n1": "Amostra GE",
          "m2": "Média GC", "sd2": "DP GC", "n2": "Amostra GC"}),
        (["Studie", "Mittelwert Gruppe 1", "SD Gruppe 1", "N Gruppe 1",
          "Mittelwert Gruppe 2", "SD Gruppe 2", "N Gruppe 2"], "SMD",
         {"m1": "Mittelwert Gruppe 1", "sd1": "SD Gruppe 1", "n1": "N Gruppe 1",
          "m2": "Mittelwert Gruppe 2", "sd2": "SD Gruppe 2", "n2": "N Gruppe 2"}),
    ],
)  # fmt: skip
def test_names_of_other_programs_are_known(
    columns: list[str], measure: str, words: dict[str, str]
) -> None:
    assert guess_measure(columns) == measure
    assert guess_words(guess_way(measure, columns), columns, measure) == words


def test_no_name_means_two_inputs_of_one_measure_by_groups() -> None:
    """A name that is made of a stem and a mark belongs to one input word."""
    words = [f"{stem}{group}" for stem in OF_GROUPS for group in MARKS]
    assert {*words} <= {*SYMBOLS}
    seen: dict[str, str] = {}
    for word in words:
        for name in names_of(word):
            assert seen.setdefault(name, word) == word
            assert name == flat(name)
            assert name not in {flat(other) for other in SYMBOLS} - {flat(word)}


@pytest.mark.parametrize("column", ["NA", "Mean (SD)", "Mean age", "sec", "mint", "tau", "neg"])
def test_what_means_something_else_is_no_input(column: str) -> None:
    words = [
        f"{stem}{group}" for stem in OF_GROUPS for group in MARKS if (stem, group) != ("n", "1")
    ]
    assert guess_words((*words, "r", "n", "yi", "vi", "sei", "t", "p"), [column]) == {}


def test_the_word_itself_goes_before_any_other_name() -> None:
    assert guess_words(("n", "n1"), ["Participants", "n", "N treat", "n1"]) == {
        "n": "n",
        "n1": "n1",
    }
    # a column that bears another word's name is that word's
    assert guess_words(("yi", "d"), ["d", "es"]) == {"yi": "es", "d": "d"}
    assert guess_measure(["foo", "bar"]) == UNKNOWN


def test_a_correlation_beside_two_groups_is_not_taken_by_another_name() -> None:
    words = ("m1", "m2", "n1", "r")
    columns = ["M treat", "M ctrl", "N treat", "Correlation"]
    assert "r" in guess_words(words, columns)
    assert "r" not in guess_reported(words, columns, "SMD")
    assert guess_reported(("r", "n"), ["Correlation", "N"], "ZCOR") == {
        "r": "Correlation",
        "n": "N",
    }
    assert guess_reported(words, ["r", "M treat"], "SMD") == {"m1": "M treat", "r": "r"}


@pytest.mark.parametrize("name", [*LABEL_COLUMNS, *LABELS, "STUDY", "Étude", "Studie"])
def test_a_column_of_names_is_found(name: str) -> None:
    assert guess_labels(["yi", name]) == name
    assert guess_labels(["yi", "vi"]) == ""
