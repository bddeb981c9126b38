"""The disk is full while a block is watched: what cannot be stored is shown, and it says why."""

from __future__ import annotations

from support import small_disk
from support.scripts import Script

CODE = """
    import os, time
    import prismq_nb

    data_dir = os.environ["PRISMQ_DATA_DIR"]
    ballast = os.path.join(data_dir, "ballast")

    def fill():
        with open(ballast, "wb", buffering=0) as file:
            for size in (1 << 16, 1 << 10, 1 << 4):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    pass

    with prismq_nb.watch("fills", echo=False) as run:
        print("stored")
        log = os.path.join(data_dir, "runs", run.run_id, "output.log")
        while not (os.path.exists(log) and os.path.getsize(log)):
            time.sleep(0.01)
        fill()
        for number in range(2000):
            print("line", number)
    print("after")
    with prismq_nb.watch("full", echo=False):
        print("no room")
    os.unlink(ballast)
    with prismq_nb.watch("room", echo=False) as run:
        print("stored again")
"""

NO_SPACE = "No space left on device"
LISTED = """
    from pathlib import Path
    from prismq_nb.cell import session
    from prismq_nb.engine.engine import Engine

    with prismq_nb.watch("earlier", echo=False):
        pass
    create = session.run_directory.create

    def create_and_fill(*arguments):
        created = create(*arguments)
        fill()
        return created

    session.run_directory.create = create_and_fill
    with prismq_nb.watch("full", echo=False) as run:
        print("no room")
        while sys.stdout.isatty():
            time.sleep(0.01)
    engine = Engine(Path(data_dir))
    engine.get(run.run_id)
    engine.wait_for_repair(run.run_id)
    print(engine.get(run.run_id).status, engine.get(run.run_id).error_message)
    session.run_directory.create = create
    os.unlink(ballast)
    with prismq_nb.watch("room", echo=False) as run:
        print("stored again")
    print(run.wait(60))
"""


def test_a_run_whose_log_has_no_room_is_not_listed_as_running(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    head = CODE.partition("    with prismq_nb.watch")[0].replace("import os, ", "import os, sys, ")
    script = Script(tmp_path, head + LISTED, prefix=small_disk.command(folder, 4 << 20))
    process = script.run()
    assert process.returncode == 0, process.stderr.decode()
    assert process.stdout.decode().splitlines() == [
        "no room",
        f"failed its supervisor never started; its log could not be repaired: {NO_SPACE}",
        "completed",
    ]
    assert "its log cannot be created (No space left on device)" in process.stderr.decode()


def test_what_a_full_disk_does_not_take_is_shown_in_the_cell(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    script = Script(tmp_path, CODE, prefix=small_disk.command(folder, 4 << 20))
    process = script.run()
    assert process.returncode == 0, process.stderr.decode()
    out, error = process.stdout.decode().splitlines(), process.stderr.decode()
    assert out[-3:] == ["line 1999", "after", "no room"]
    numbers = [int(line.split()[1]) for line in out if line.startswith("line ")]
    assert numbers == list(range(numbers[0], 2000))  # the rest is in the log
    assert "stored again" not in out
    assert "what follows is not in the log (disk full). It is shown here." in error
    assert "No space left on device" in error or "no space left on device" in error
