"""Folders of cases, run at scale: in parallel, with a bar, and on from where a run stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from metarel._checks import check_choice, check_whole
from metarel._lazy import joblib
from metarel._progress import track
from metarel.data.catalog import load_dataset
from metarel.errors import InputError, MetarelError
from metarel.repro.case_files import Source, find_cases
from metarel.repro.case_judge import AS_PRINTED, FigureVerdict
from metarel.repro.case_results import CaseReproduction
from metarel.repro.case_run import DEPTHS, cannot_run, run_given
from metarel.repro.case_store import Store, settings_key
from metarel.repro.case_verdict import (
    ALL_AGREE,
    ESTIMATE_ONLY,
    KNOWN,
    UNEXPLAINED,
    CaseVerdict,
)
from metarel.repro.reproduce import Reproduction, reproduce
from metarel.repro.verdict import CANNOT_RUN


def reproduce_cases(
    folder: str | Path,
    *,
    depth: str = "full",
    jobs: int = 1,
    resume: str | Path | None = None,
    progress: bool = False,
    seed: int = 0,
    strict: bool = False,
) -> CaseReproduction:
    """Re-compute every case of a folder and say how far its printed figures are accounted for.

    A case is the study data of one published meta-analysis with the figures printed from it, in
    JSON, TOML or CSV; folders of datasets may stand among them. A case at fault is reported with
    file, key and row, and stops no other.

    Parameters
    ----------
    folder : str or Path
        The folder, searched with those below it, or one file.
    depth : {"full", "declared"}
        ``"declared"`` runs each analysis as declared, with metafor's formulas and with those of
        the program named, and holds the printed figures against each other. ``"full"`` goes on,
        for figures that differ, to what the rounding of the study data allows, to other
        analyses, and to small slips, each with its placebo rate.
    jobs : int
        How many processes to use; -1 is as many as there are processors.
    resume : str or Path, optional
        A file of results: verdicts are written there as they come, and those that stand there
        for the same case and settings are taken over.
    progress : bool
        Whether to show a bar on the error stream.
    seed : int
        Of what is drawn; the report depends on it and not on ``jobs``.
    strict : bool
        Whether any figure that differs fails the run.

    Returns
    -------
    CaseReproduction
        A verdict a case. ``ok`` is the result for a pipeline: every case ran and came out as its
        ``expect`` says, where it says anything; under ``strict`` every figure agrees too.

    Raises
    ------
    DatasetError
        If the folder is not there or holds no case.
    InputError
        On an argument of the wrong kind.

    Notes
    -----
    The levels of explanation are those of ``LEVELS`` in ``metarel.repro.case_verdict``. The
    study of published audits that such cases come from: [lopeznicolas2023], [maassen2020].

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> import metarel as mr
    >>> folder = Path(tempfile.mkdtemp())
    >>> studies = [{"y": 0.3, "se": 0.1}, {"y": 0.5, "se": 0.2}, {"y": 0.1, "se": 0.1}]
    >>> case = {"studies": studies, "reported": {"estimate": "0.26", "Q": "4.00"}}
    >>> _ = (folder / "mine.json").write_text(json.dumps(case))
    >>> found = mr.reproduce_cases(folder, depth="declared")
    >>> found.counts["all figures agree"], found.ok
    (1, True)
    """
    check_choice("depth", depth, DEPTHS)
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs == 0 or jobs < -1:
        raise InputError(f"`jobs` must be a positive whole number, or -1 for all; got {jobs!r}.")
    check_whole("seed", seed, 0)
    sources = find_cases(folder)
    store = Store(resume)
    keys = [settings_key(source.digest, depth=depth, seed=seed) for source in sources]
    todo = [(s, key) for s, key in zip(sources, keys, strict=True) if key not in store.found]
    resumed = len(sources) - len(todo)
    verdicts = _run_all([source for source, _ in todo], depth, seed, jobs)
    for (_, key), verdict in zip(
        todo, track(verdicts, len(todo), "cases", show=progress), strict=True
    ):
        store.keep(key, verdict)
    cases = tuple(
        _placed(store.found[key], source) for source, key in zip(sources, keys, strict=True)
    )
    return CaseReproduction(cases, depth, seed, strict, resumed)


def _placed(verdict: CaseVerdict, source: Source) -> CaseVerdict:
    """Return a verdict under the file it stands in now; the same case may have been moved."""
    return replace(verdict, file=source.file)


def _run_all(sources: list[Source], depth: str, seed: int, jobs: int) -> Iterator[CaseVerdict]:
    """Yield verdicts in the order of the cases, as they come."""
    if jobs == 1 or len(sources) < 2:
        yield from (run_source(source, depth, seed) for source in sources)
        return
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator")
    yield from parallel(joblib.delayed(run_source)(source, depth, seed) for source in sources)


def run_source(source: Source, depth: str, seed: int) -> CaseVerdict:
    """Return the verdict on one case, whatever it holds.

    Parameters
    ----------
    source : Source
        The case as its file holds it.
    depth : {"declared", "full"}
        How far to look for explanations.
    seed : int
        Of what is drawn.

    Returns
    -------
    CaseVerdict
        ``"cannot run"`` where file or case is at fault.
    """
    if source.fault:
        return cannot_run(source.file, source.fault, source.given)
    try:
        if source.folder:
            return _run_dataset(source, depth)
        return run_given(source.given, source.file, depth, seed)
    except Exception as error:  # a fault of our own must not stop the others
        place = f"{source.file}: a fault of metarel's own"
        return cannot_run(source.file, f"{place}: {type(error).__name__}: {error}", source.given)


def _run_dataset(source: Source, depth: str) -> CaseVerdict:
    """Run a dataset's folder: its figures have recipes of their own."""
    try:
        dataset = load_dataset(source.folder)
        found = reproduce(dataset, nearby=depth == "full")
    except MetarelError as error:
        return cannot_run(source.file, str(error))
    figures = tuple(
        FigureVerdict(v.figure, v.printed.text, v.value, v.verdict, v.units, v.sentence)
        for v in found.verdicts
        if v.verdict != CANNOT_RUN
    )
    lost = [v for v in found.verdicts if v.verdict == CANNOT_RUN]
    return CaseVerdict(
        id=dataset.slug,
        corpus="datasets",
        file=source.file,
        level=_dataset_level(figures, found),
        figures=figures,
        analysis="a recipe for each figure",
        formulas="metarel's own",
        with_metafor=tuple(figure.quantity for figure in figures if figure.agrees),
        remarks=tuple(f"{v.figure} cannot run: {v.obstacle}" for v in lost),
        dataset=True,
        figures_ok=found.ok,
    )


def _dataset_level(figures: tuple[FigureVerdict, ...], found: Reproduction) -> str:
    """Return the level of a dataset: its own file says which differences are known."""
    agreeing = {figure.quantity for figure in figures if figure.verdict in AS_PRINTED}
    if len(agreeing) == len(found.verdicts):
        return ALL_AGREE
    if found.ok:
        return KNOWN
    estimates = {v.figure for v in found.verdicts if v.quantity == "estimate"}
    return ESTIMATE_ONLY if estimates and estimates <= agreeing else UNEXPLAINED
