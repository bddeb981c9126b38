"""What `prismq_nb.watch` needs of the notebook: the hooks of the package lead here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.cell.session import session
from prismq_nb.client.base.notice import ipython_shell
from prismq_nb.notebook.cells import register
from prismq_nb.notebook.display import show_new

if TYPE_CHECKING:
    from prismq_nb.cell.describe import Description
    from prismq_nb.client.run.run import Run


def describe(name: str | None) -> Description:
    """Describe the cell that runs."""
    return register(ipython_shell()).follower.describe(name)


def began(run: Run, *, show: bool) -> None:
    """Show the run of a cell that is watched from here on, and follow what the cell displays."""
    if show:
        show_new(run)
    register(ipython_shell()).follower.displayed.install()


def ended() -> None:
    """Stop following what is displayed, unless a cell around this one is watched."""
    if session().current is None:
        register(ipython_shell()).follower.displayed.remove()


def result(run_id: str) -> Any:
    """Return the last expression of a watched cell of this kernel. Raises LookupError: none."""
    if ipython_shell() is None:
        raise LookupError(run_id)
    return register(ipython_shell()).follower.results.get(run_id)
