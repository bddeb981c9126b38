"""Long-lived readers share few descriptors, and continue where they were."""

from __future__ import annotations

import os

from support.journals import MadeRun

from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read.line_block import read_block
from prismq_nb.engine.read.readers import MAX_OPEN, OpenReaders


def messages(reader, first, count):
    """Return the messages of `count` lines; a block has fewer while patterns are compiled."""
    while len(found := read_block(reader, first, count).messages) < count:
        pass
    return found


def test_a_hundred_readers_share_a_few_open_files(data_dir):
    run = MadeRun(data_dir)
    run.write("".join(f"{i}\n" for i in range(100)))
    engine, pool = Engine(data_dir), OpenReaders()
    before = len(os.listdir("/dev/fd"))
    readers = [engine.reader(run.run_id) for _ in range(2 * MAX_OPEN)]
    for line in range(3):
        for reader in readers:
            with pool.using(reader):
                assert [str(line)] == messages(reader, line, 1)
        assert len(os.listdir("/dev/fd")) <= before + 3 * MAX_OPEN
    for reader in readers:
        pool.close(reader)
    assert (before, 0) == (len(os.listdir("/dev/fd")), len(pool))
    engine.close()


def test_lines_added_while_a_reader_rests_are_read(data_dir):
    run = MadeRun(data_dir)
    run.write("one\n")
    engine = Engine(data_dir)
    with engine.reader(run.run_id) as reader:
        reader.suspend()
        assert (1, 1) == (reader.total_lines, reader.refresh())
        assert ["one"] == messages(reader, 0, 1)
        reader.suspend()
        run.write("two\n")
        assert 2 == reader.refresh()
        assert ["one", "two"] == messages(reader, 0, 2)
    engine.close()
