"""Follow the cells of an IPython shell, at the cost of a comparison while none is watched.

Every import of `prismq_nb` in a notebook loads this module, so it imports nothing: what does the
work is loaded with the first cell that needs it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 4 ms where nothing else has imported it
if TYPE_CHECKING:
    from typing import Any

    from prismq_nb.notebook.cells.follower import Follower

_MAGIC = "%%watch"


class CellHooks:
    """The cells of one shell.

    Attributes:
        shell: IPython's.
        after: seconds after which every cell is watched; None: only those that ask for it.
    """

    def __init__(self, shell: Any) -> None:
        """Register the magics and the hooks."""
        self.shell = shell
        self.after: float | None = None
        self._follower: Follower | None = None
        shell.input_transformers_cleanup.append(_without_magic)
        shell.register_magic_function(self.watch, "line_cell", "watch")
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def watch(self, line: str, cell: str | None = None) -> None:
        """Watch what cells print: nothing of it is lost, whatever happens to the tab or the kernel.

        ::

            %%watch [--name NAME] [--mask VALUE_OR_VARIABLE] [--no-terminal] [--echo]
            ...                        this cell; its log appears live below it

            %watch on [--after 5]      every later cell that runs for more than 5 seconds, or
                                       prints more than 1,000 lines
            %watch off                 only cells that say %%watch
            %watch                     which of the two it is

        The run is completed when the cell ends, failed if it raises, cancelled if it is
        interrupted. Stopping the run interrupts the kernel and never kills it. What a cell
        displays (figures, tables, its result) stays in the cell.

        `--mask` hides a secret in the log; `--no-terminal` makes the output a pipe; `--echo` also
        prints it where it would be without the magic.

        `with prismq_nb.watch("name") as run:` watches a part of a cell; `prismq_nb.runs()` lists
        the runs, and `prismq_nb.get("name")` finds one again, also in another kernel.
        """
        from prismq_nb.notebook.cells.magics import run_magic  # noqa: PLC0415 - see above

        run_magic(self, line, cell)

    def turn_on(self, after: object) -> None:
        """Watch every later cell that runs for more than `after` seconds.

        Raises:
            InvalidRequest: that is no number of seconds, 0 or more.
        """
        from prismq_nb.notebook.cells.options import seconds  # noqa: PLC0415 - see above

        self.after = seconds(after)
        self.follower.prepare()

    def turn_off(self) -> None:
        """Watch only cells that ask for it. A cell that is watched stays so until its end."""
        self.after = None

    @property
    def follower(self) -> Follower:
        """What watches the cells."""
        if self._follower is None:
            from prismq_nb.notebook.cells.follower import Follower  # noqa: PLC0415 - see above

            self._follower = Follower(self.shell)
        return self._follower

    def _before(self, info: Any) -> None:
        """See a cell that is about to run."""
        source = info.raw_cell
        asked = None
        if _MAGIC in source:
            from prismq_nb.notebook.cells.options import find  # noqa: PLC0415 - see above

            asked = find(source.splitlines(keepends=True))
        if asked is not None or self.after is not None:
            self.follower.begin(info, asked, self.after)

    def _after(self, result: Any) -> None:
        """See a cell that has ended."""
        if self._follower is not None:
            self._follower.end(result)


def _without_magic(lines: list[str]) -> list[str]:
    """Take ``%%watch`` out of a cell: an input transformer of IPython.

    Raises:
        UsageError: its options are not valid, so the cell must not run.
    """
    if not any(_MAGIC in line for line in lines):
        return lines
    from prismq_nb.notebook.cells.options import without  # noqa: PLC0415 - see above

    return without(lines)


# IPython leaves such a transformer out where it decides whether a cell is complete. In a console,
# a cell that begins with a magic ends at an empty line, and a mistake in its options is told later.
_without_magic.has_side_effects = True  # type: ignore[attr-defined]
