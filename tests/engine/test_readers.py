"""Readers that work long hold few descriptors between them, and read on where they were."""

from __future__ import annotations

import os

from support.journals import MadeRun

from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read.block import read_block
from prismq_nb.engine.read.readers import MAX_OPEN, OpenReaders


def test_a_hundred_readers_hold_the_files_of_some(data_dir):
    run = MadeRun(data_dir)
    run.write("".join(f"{i}\n" for i in range(100)))
    engine, pool = Engine(data_dir), OpenReaders()
    before = len(os.listdir("/dev/fd"))
    readers = [engine.reader(run.run_id) for _ in range(2 * MAX_OPEN)]
    for line in range(3):
        for reader in readers:
            with pool.using(reader):
                assert [str(line)] == read_block(reader, line, 1).messages
        assert len(os.listdir("/dev/fd")) <= before + 3 * MAX_OPEN
    for reader in readers:
        pool.close(reader)
    assert (before, 0) == (len(os.listdir("/dev/fd")), len(pool))
    engine.close()


def test_what_is_added_while_a_reader_rests_is_seen(data_dir):
    run = MadeRun(data_dir)
    run.write("one\n")
    engine = Engine(data_dir)
    with engine.reader(run.run_id) as reader:
        reader.rest()
        assert (1, 1) == (reader.total_lines, reader.refresh())
        assert ["one"] == read_block(reader, 0).messages
        reader.rest()
        run.write("two\n")
        assert 2 == reader.refresh()
        assert ["one", "two"] == read_block(reader, 0).messages
    engine.close()
