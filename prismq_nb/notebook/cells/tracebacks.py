"""The traceback of a watched cell, for its log: Python's own, which the viewer folds to one row.

IPython's is made for the cell, where it stays: of its many coloured lines several would count as
errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismq_nb.cell.outcome import traceback_text

if TYPE_CHECKING:
    from types import TracebackType


def traceback_in_cell(shell: Any, error: BaseException) -> str:
    """Return the text, which names cells as IPython does, without the frames that run them."""
    numbers = _cell_numbers(shell)
    text = traceback_text(error, _first_of_cell(error.__traceback__))
    for name, number in numbers.items():
        if name in text:
            text = text.replace(f'File "{name}"', f'File "Cell In[{number}]"')
    return text


def _cell_numbers(shell: Any) -> dict[str, Any]:
    """Return the numbers of cells by the names under which they were compiled."""
    found = getattr(shell.compile, "_filename_map", None)
    return found if isinstance(found, dict) else {}


def _first_of_cell(frames: TracebackType | None) -> TracebackType | None:
    """Return the first frame that is not IPython's; all of them if all are."""
    frame = frames
    while frame is not None and "IPython" in Path(frame.tb_frame.f_code.co_filename).parts:
        frame = frame.tb_next
    return frame or frames
