"""Statistics out of prose."""

from __future__ import annotations

from dataclasses import replace

from metarel.errors import InputError
from metarel.reading._clean import Clean, clean
from metarel.reading._counts import find_counted, find_percentages, find_shares
from metarel.reading._found import Found, Scene
from metarel.reading._groups import group
from metarel.reading._intervals import find_unnamed
from metarel.reading._labels import label_before
from metarel.reading._means import find_means
from metarel.reading._symbols import find_symbols
from metarel.reading.documents import Document
from metarel.reading.result import Readings, Statistic


def read_statistics(text: str | Document) -> Readings:
    """Read the statistics in a text or a document.

    Parameters
    ----------
    text : str or Document
        Prose of any length, as it was copied: with entities and tags, ligatures, thin spaces,
        Unicode minus signs, and words cut at the ends of lines; or what `read_document` returns,
        and then statistics know their page and paragraph.

    Returns
    -------
    Readings
        The statistics in order, each with its place in ``text``, and the results they belong to.
        Empty where there are none.

    Raises
    ------
    InputError
        If ``text`` is neither.

    Notes
    -----
    Which kinds there are, and how each is written, stands in ``STATISTICS``. A statistic joins the
    result that is open in its sentence; an estimate of a kind that the result has already opens
    another one. Time grows linearly with the length of the text. statcheck (R) reads tests in APA
    style; this also reads what meta-analyses report.

    Examples
    --------
    >>> import metarel as mr
    >>> print(mr.read_statistics("Alliance: r = .28, 95% CI [.26, .30], k = 295; I² was 62%."))
    4 statistics in 1 result, read from 58 characters
    1. Alliance
       r = .28
       95% ci = .26 to .30
       k = 295
       I2 = 62%
    """
    if isinstance(text, Document):
        return _placed(read_statistics(text.text), text)
    if not isinstance(text, str):
        raise InputError(
            f"`text` must be a str; got {type(text).__name__}. Read files with `read_document`."
        )
    plain = clean(text)
    scene = Scene(plain.text)
    find_symbols(scene)
    find_means(scene)
    find_unnamed(scene)
    find_shares(scene)
    find_counted(scene)
    find_percentages(scene)
    found = scene.in_order()
    groups, joined = group(plain.text, found)
    statistics = [
        _statistic(text, plain, found, position, joined.get(position))
        for position in range(len(found))
    ]
    return Readings(
        tuple(statistics),
        tuple(tuple(statistics[member] for member in members) for members in groups),
        len(text),
    )


def _placed(readings: Readings, document: Document) -> Readings:
    """Return readings with the page and paragraph of each."""
    placed = {}
    for one in readings:
        page, paragraph = document.place(one.start)
        placed[one] = replace(one, page=page, paragraph=paragraph)
    return Readings(
        tuple(placed[one] for one in readings),
        tuple(tuple(placed[one] for one in members) for members in readings.groups),
        readings.characters,
    )


def _statistic(
    text: str, plain: Clean, found: list[Found], position: int, joined: str | None
) -> Statistic:
    """Return a found statistic with its place in the text as given."""
    one = found[position]
    start, end = plain.place(one.start, one.end)
    doubts = [*one.doubts, *([(0.8, joined)] if joined else [])]
    confidence = 1.0
    for factor, _ in doubts:
        confidence *= factor
    return Statistic(
        kind=one.kind,
        printed=one.printed,
        start=start,
        end=end,
        text=text[start:end],
        df=one.df,
        n=one.n,
        level=one.level,
        confidence=round(confidence, 3),
        why="; ".join(why for _, why in doubts),
        label=one.label
        or label_before(plain.text, one.start, found[position - 1].end if position else 0),
    )
