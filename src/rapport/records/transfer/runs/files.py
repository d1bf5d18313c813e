"""Uploaded files and error files: a folder per run below the installation's data."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from rapport.records.models import ImportRun
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import Source, open_source

MEGABYTE = 1_000_000
# What is read into memory as a whole may be smaller than what is read as a stream.
LIMITS = {".csv": 500, ".txt": 500, ".tsv": 500, ".vcf": 200, ".xlsx": 40, ".xls": 40, ".ods": 40}
LARGEST = max(LIMITS.values()) * MEGABYTE
SOURCE, ERRORS = "source", "errors.csv"
_ODD = re.compile(r"[^\w .()+&,@-]")


def folder(run_id: str) -> Path:
    """Where the files of a run are."""
    return Path(settings.DATA) / "imports" / run_id


def source_of(run: ImportRun) -> Path:
    """The uploaded file."""
    return folder(run.id) / SOURCE


def errors_of(run: ImportRun) -> Path:
    """The rows that failed."""
    return folder(run.id) / ERRORS


def plain_name(given: str) -> str:
    """The name of an upload without paths and signs that trouble others."""
    return _ODD.sub("_", Path(given.replace("\\", "/")).name).strip()[-120:] or "file"


def check_size(name: str, size: int) -> None:
    """Refuse by kind and size before anything is read; raises Unusable."""
    ending = Path(name).suffix.lower()
    most = LIMITS.get(ending)
    if most is None:
        known = ", ".join(sorted(LIMITS))
        raise Unusable(
            _("“%(name)s” is no file that can be imported. Known: %(known)s.") % {"name": name, "known": known}
        )
    if size > most * MEGABYTE:
        words = {"name": name, "size": f"{size / MEGABYTE:,.0f}", "most": most}
        raise Unusable(_("“%(name)s” has %(size)s MB; at most %(most)s MB of this kind are taken.") % words)


def keep(run: ImportRun, chunks: Iterable[bytes]) -> None:
    """Store an upload."""
    place = folder(run.id)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / SOURCE).open("wb") as file:
        for chunk in chunks:
            file.write(chunk)


def drop(run_id: str) -> None:
    """Remove all files of a run."""
    shutil.rmtree(folder(run_id), ignore_errors=True)


def opened(run: ImportRun) -> Source:
    """The uploaded file as rows; raises Unusable, which calls the file as the user does."""
    path = source_of(run)
    try:
        return open_source(path, run.options.get("encoding"), run.options.get("sheet"), run.mapping.get("blanks") or ())
    except Unusable as problem:
        raise named(problem, run) from problem


def named(problem: Unusable, run: ImportRun) -> Unusable:
    """The same problem with the file's own name."""
    return Unusable(problem.detail.replace(str(source_of(run)), f"“{run.file}”"))
