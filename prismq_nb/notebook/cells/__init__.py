"""Watched cells in IPython: ``%%watch``, ``%watch on``, and what they need of the notebook.

Importing `prismq_nb` in IPython registers them. The functions here are those of ``%watch``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # each import of `prismq_nb` in a kernel loads this module
if TYPE_CHECKING:
    from typing import Any

    from prismq_nb.notebook.cells.hooks import CellHooks

_hooks: CellHooks | None = None


def register(shell: Any) -> CellHooks:
    """Offer the magics in an IPython shell, and follow its cells. May be called again."""
    global _hooks  # noqa: PLW0603 - one shell per process
    if _hooks is None or _hooks.shell is not shell:
        from prismq_nb.notebook.cells.hooks import CellHooks  # noqa: PLC0415 - in IPython only

        _hooks = CellHooks(shell)
    return _hooks


def on(after: float = 5.0) -> None:
    """Watch every later cell that runs for more than `after` seconds, or prints much.

    Until then its output is where it always was, from then on in the viewer below the cell, which
    begins with what the cell had printed before.

    Raises:
        InvalidRequest: `after` is not a number of seconds, 0 or more.
        PrismqError: this is not IPython.
    """
    _registered().turn_on(after)


def off() -> None:
    """Watch only cells that ask for it. A cell that is watched stays so until its end."""
    if _hooks is not None:
        _hooks.turn_off()


def is_on() -> bool:
    """Return whether every long cell is watched."""
    return _hooks is not None and _hooks.after is not None


def _registered() -> CellHooks:
    # Not before they are needed, as above
    from prismq_nb.client.base.notice import ipython_shell  # noqa: PLC0415
    from prismq_nb.errors import PrismqError  # noqa: PLC0415

    shell = ipython_shell()
    if shell is None:
        raise PrismqError("cells can be watched in IPython only; use `with prismq_nb.watch():`")
    return register(shell)
