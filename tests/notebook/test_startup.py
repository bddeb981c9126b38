"""The startup file of IPython: the magics are there without an import, and cost nothing before."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.kernel import Kernel, running

pytestmark = pytest.mark.slow  # kernels

INSTALLED = Path(sys.prefix, "etc", "ipython", "startup", "50-prismq.py")
MISSING = """
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
PathFinder.find_spec = staticmethod(
    lambda name, *rest: None if name == "prismq_nb" else find_spec(name, *rest)
)
"""
OWN_MAGIC = """
get_ipython().register_magic_function(lambda line, cell: print("own", cell), "cell", "watch")
"""


@pytest.fixture(scope="module", autouse=True)
def _installed():
    assert INSTALLED.is_file(), "install the checkout again (pip install -e .)"


def starting_with(tmp_path: Path, name: str, source: str) -> str:
    """A folder for PYTHONPATH or IPYTHONDIR with one file."""
    path = tmp_path / "given" / name
    path.parent.mkdir(parents=True)
    path.write_text(source)
    return str(tmp_path / "given")


def names(kernel: Kernel) -> str:
    """The names of the user's namespace, and whether the package is loaded."""
    code = (
        "[n for n in globals() if 'prismq' in n.lower() or n == 'start'], __doc__[:9],"
        " __import__('sys').modules.get('prismq_nb') is not None"
    )
    return kernel.run(code).shown[0]["text/plain"]


def test_a_cell_is_watched_without_an_import_and_no_name_is_left(tmp_path: Path):
    with running(tmp_path) as kernel:
        assert names(kernel) == "([], 'Automatic', False)"
        lazy = "get_ipython().magics_manager.lazy_magics['watch']"
        assert kernel.run(lazy).shown[0]["text/plain"] == "'prismq_nb'"
        (run_id,) = kernel.run("%%watch --name first\nprint('hello')\n\n1/0").runs
        run = kernel.ended(run_id)
        assert (run.module_name, run.status) == ("first", "failed")
        log = kernel.log(run_id)
        assert log[0] == "hello"
        assert "line 4" in "\n".join(log)  # of the cell as it was typed
        assert names(kernel) == "([], 'Automatic', True)"
        (run_id,) = kernel.run("%%time\n%%watch\nprint('again')").runs
        assert kernel.ended(run_id).status == "completed"
        assert kernel.log(run_id)[0] == "again"


def test_the_line_magic_works_without_an_import(tmp_path: Path):
    with running(tmp_path) as kernel:
        on = kernel.run("%watch on --after 0").streams["stdout"]
        assert on == "Cells that run for more than 0 s are watched.\n"
        (run_id,) = kernel.run("print('hello')").runs
        assert kernel.ended(run_id).status == "completed"
        assert kernel.log(run_id) == ["hello"]


def test_a_mistake_in_the_first_watched_cell_is_told(tmp_path: Path):
    with running(tmp_path) as kernel:
        shown = kernel.run("%%watch --nmae x\nprint('ran')")
        assert "--nmae" in shown.streams["stderr"]
        assert shown.streams["stdout"] == ""
        assert kernel.run("%%watch --name x\nprint('ran')").runs


@pytest.mark.parametrize("first", ["pass", "import prismq_nb"])
def test_a_console_waits_for_the_lines_below_the_magic(tmp_path: Path, first: str):
    with running(tmp_path) as kernel:
        kernel.run(first)
        cells = ["%%watch\n", "%%watch --nmae x\n", "%%watch\nprint(1)\n", "print(1)\n"]
        code = f"[get_ipython().check_complete(cell)[0] for cell in {cells!r}]"
        expected = "['incomplete', 'incomplete', 'incomplete', 'complete']"
        assert kernel.run(code).shown[0]["text/plain"] == expected


def test_a_shell_without_the_package_is_as_it_was(tmp_path: Path):
    given = starting_with(tmp_path, "sitecustomize.py", MISSING)
    with running(tmp_path, PYTHONPATH=given) as kernel:
        assert names(kernel) == "([], 'Automatic', False)"
        assert "watch" not in kernel.run("%lsmagic").shown[0]["text/plain"]
        shown = kernel.run("%%watch\nprint('hello')")
        assert "Cell magic `%%watch` not found" in shown.streams["stderr"]


def test_a_broken_package_harms_no_cell_and_says_why_where_it_is_used(tmp_path: Path):
    given = starting_with(tmp_path, "prismq_nb/__init__.py", "raise RuntimeError('broken')")
    with running(tmp_path, PYTHONPATH=given) as kernel:
        assert kernel.run("print('hello')").streams == {"stdout": "hello\n", "stderr": ""}
        for magic in ("%%watch\nprint('hello')", "%watch on"):
            shown = kernel.run(magic)
            assert shown.error == "RuntimeError: broken"
            assert shown.streams["stdout"] == ""
        assert kernel.run("print('hello')").streams["stdout"] == "hello\n"


def test_a_magic_of_that_name_that_the_user_has_stays(tmp_path: Path):
    given = starting_with(tmp_path, "profile_default/startup/10-own.py", OWN_MAGIC)
    with running(tmp_path, IPYTHONDIR=given) as kernel:
        assert kernel.run("%%watch\nhello").streams["stdout"] == "own hello\n\n"


def test_a_second_copy_of_the_file_changes_nothing(tmp_path: Path):
    """As where prismq_nb is installed in the environment and beside the system's IPython."""
    given = starting_with(
        tmp_path, "profile_default/startup/60-prismq.py", INSTALLED.read_text("utf-8")
    )
    with running(tmp_path, IPYTHONDIR=given) as kernel:
        (run_id,) = kernel.run("%%watch\nprint('hello')").runs
        assert kernel.ended(run_id).status == "completed"
        assert kernel.log(run_id) == ["hello"]
        assert len(kernel.runs()) == 1
