"""Save the log of a run to a file, which is replaced once the download is complete."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest, PrismqError

if TYPE_CHECKING:
    from prismq_nb.client.base.interface import Client, LogQuery

FORMS = ("text", "raw", "jsonl")


class NotWritable(PrismqError, OSError):
    """The file cannot be written; the message says why."""


def save_log(
    client: Client,
    run_id: str,
    path: str | os.PathLike[str] | None,
    form: str,
    query: LogQuery,
) -> Path:
    """Save the log, and return the path of the file; see `Run.download`.

    Raises:
        InvalidRequest: `form` is not one of `FORMS`, or ``raw`` with a filter.
        NotWritable: the file cannot be written.
    """
    if form not in FORMS:
        hint = did_you_mean(str(form), FORMS) or f"; use one of {', '.join(FORMS)}"
        raise InvalidRequest(f"form={form!r} is not a valid form{hint}", parameter="form")
    if form == "raw" and query:
        given = next(iter(query))
        how = "use form='text' or form='jsonl'"
        raise InvalidRequest(
            f"form='raw' and {given} cannot be combined, as raw is always the whole log; {how}",
            parameter="form",
        )
    name = f"{run_id}.{'jsonl' if form == 'jsonl' else 'log'}"
    target = Path(name) if path is None else Path(path).expanduser()
    if target.is_dir():
        target /= name
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        file = part.open("wb")
    except OSError as error:
        raise NotWritable(f"cannot write {str(target)!r}: {_reason(error, target)}") from None
    try:
        with file:
            client.download(run_id, file, form, query)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _reason(error: OSError, target: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no directory {str(target.parent)!r}"
    return error.strerror or str(error)
