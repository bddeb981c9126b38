"""An unusable data directory is a clear error for everyone until it can be used again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.namespaces import unshare
from support.runs import ended

import prismq_nb
from prismq_nb.client.local import LocalClient
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import DataDirectoryUnusable, RunNotFound

NO_RUN = "run_20250101_000000_x_abcdef"


def a_file(folder):
    path = folder / "data"
    path.write_text("precious")
    return path, r"data' is not a directory"


def below_a_file(folder):
    path, words = a_file(folder)
    return path / "deep" / "er", words


def runs_is_a_file(folder):
    path = folder / "data"
    path.mkdir()
    (path / "runs").write_text("precious")
    return path, r"runs' is not a directory"


def a_dangling_link(folder):
    path = folder / "data"
    path.symlink_to(folder / "nothing")
    return path, "data' is a broken symbolic link"


def a_loop(folder):
    path = folder / "data"
    path.symlink_to(path)
    return path, "data"


def a_long_name(folder):
    return folder / ("x" * 300), "File name too long"


def a_long_path(folder):
    return folder.joinpath(*["x" * 200] * 30), "File name too long"


def where_nothing_can_be_made(_):
    return Path("/proc/prismq"), "/proc/prismq"


def a_nul(folder):
    return Path(f"{folder}/a\0b"), "null byte"


def nobodys_home(_):
    return Path("~no-such-user-at-all/data"), "no such home directory"


def a_fifo(folder):
    os.mkfifo(folder / "data")
    return folder / "data", "data' is not a directory"


PLACES = [
    a_file,
    below_a_file,
    runs_is_a_file,
    a_dangling_link,
    a_loop,
    a_long_name,
    a_long_path,
    where_nothing_can_be_made,
    a_nul,
    nobodys_home,
    a_fifo,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_the_error_names_the_directory_the_reason_and_the_remedy(tmp_path, place):
    path, words = place(tmp_path)
    with pytest.raises(DataDirectoryUnusable, match=words) as error:
        LocalClient(path)
    assert repr(str(path)) in str(error.value)
    assert (
        "set the environment variable PRISMQ_DATA_DIR (for a Jupyter server also"
        " PrismQApp.data_dir)" in str(error.value)
    )


@pytest.mark.parametrize(
    "place", [a_file, a_dangling_link, nobodys_home], ids=lambda place: place.__name__
)
def test_python_reports_the_error_and_continues_when_the_directory_is_usable(
    tmp_path, monkeypatch, place
):
    path, words = place(tmp_path)
    monkeypatch.setenv("PRISMQ_DATA_DIR", str(path))
    for call in (
        prismq_nb.runs,
        lambda: prismq_nb.get(NO_RUN),
        lambda: prismq_nb.launch(code="pass"),
    ):
        with pytest.raises(DataDirectoryUnusable, match=words):
            call()
    if place is not nobodys_home:
        path.unlink()
        assert prismq_nb.launch(code="pass").wait() == "completed"


@pytest.mark.parametrize("instead", ["file", "dangling-link"])
def test_a_directory_lost_during_use_is_usable_again_when_it_returns(tmp_path, instead):
    engine = Engine(tmp_path / "data")
    run_id = engine.launch(LaunchSpec(code="print('hello')")).run_id
    ended(engine, run_id)
    (tmp_path / "data").rename(tmp_path / "moved")
    if instead == "file":
        (tmp_path / "data").write_text("")
    else:
        (tmp_path / "data").symlink_to("/nowhere")
    calls = [
        lambda: engine.launch(LaunchSpec(code="pass")),
        engine.list,
        lambda: engine.get(run_id),
        lambda: engine.stop(run_id),
    ]
    calls += [
        lambda: engine.reader(run_id),
        lambda: engine.send(run_id, "x"),
        lambda: engine.purge(run_id),
        lambda: engine.restart(run_id),
    ]
    for call in calls:
        with pytest.raises(DataDirectoryUnusable):
            call()
    (tmp_path / "data").unlink()
    (tmp_path / "moved").rename(tmp_path / "data")
    assert engine.get(run_id).status == "completed"
    assert [run.run_id for run in engine.list().runs] == [run_id]
    engine.close()


def test_a_missing_directory_is_created_again(tmp_path):
    engine = Engine(tmp_path / "data")
    run_id = ended(engine, engine.launch(LaunchSpec(code="pass")).run_id).run_id
    (tmp_path / "data").rename(tmp_path / "gone")
    assert engine.list().total == 0
    with pytest.raises(RunNotFound):
        engine.get(run_id)
    (tmp_path / "data").rename(tmp_path / "gone, too")
    assert ended(engine, engine.launch(LaunchSpec(code="pass")).run_id).status == "completed"
    engine.close()


ELSEWHERE = """
import sys
from pathlib import Path
from prismq_nb.client.local import LocalClient
from prismq_nb.errors import PrismqError
from prismq_nb.common.models import LaunchRequest
try:
    client = LocalClient(Path(sys.argv[1]))
    print([run.run_id for run in client.list().runs])
    client.launch(LaunchRequest(code="pass"))
except PrismqError as error:
    print(type(error).__name__, error)
"""


def said(*prefix, folder, **options):
    command = [*prefix, sys.executable, "-c", ELSEWHERE, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", **options)
    return done.stdout.splitlines()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_another_users_directory_is_named_with_its_owner(tmp_path):
    # pytest's own folders cannot be entered by others
    shared = Path("/tmp") / f"prismq-{os.getpid()}"
    shared.mkdir(mode=0o755)
    try:
        (shared / "data").mkdir(mode=0o700)
        (shared / "open").mkdir(mode=0o755)
        for name in ("data", "open"):
            program = (
                "import os, sys; os.setgid(65534); os.setuid(65534); sys.argv[1] ="
                f" {str(shared / name)!r}\n{ELSEWHERE}"
            )
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    f"import prismq_nb.client.local, prismq_nb.common.models, msgspec\n{program}",
                    "",
                ],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
            )
            assert (
                f"DataDirectoryUnusable the data directory '{shared / name}' cannot be used:"
                " Permission denied" in done.stdout
            ), done.stderr
            assert "belongs to the user root" in done.stdout
    finally:
        shutil.rmtree(shared)


def test_runs_on_a_read_only_disk_can_be_read_but_not_started(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    new.mkdir()
    engine = Engine(old)
    run_id = ended(engine, engine.launch(LaunchSpec(code="pass")).run_id).run_id
    engine.close()
    prefix = (
        *unshare("--mount"),
        "sh",
        "-c",
        'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"',
        "sh",
    )
    listed, refused = said(*prefix, str(old), folder=old)
    assert listed == f"['{run_id}']"
    assert refused.startswith(
        f"DataDirectoryUnusable the data directory '{old}' cannot be used: Read-only file system"
    )
    (refused,) = said(*prefix, str(new), folder=new)
    assert refused.startswith(
        f"DataDirectoryUnusable the data directory '{new}' cannot be used: Read-only file system"
    )
