"""CPU and memory over time: the file stays small and is readable whatever happened to it."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import this_thread

from prismq_nb.capture.monitor.usage_log import UsageLog
from prismq_nb.journal.layout import usage
from prismq_nb.journal.layout.usage import MAX_RECORDS, RECORD_BYTES, Sample

T0 = 1_761_912_001_123_456
SECOND = 1_000_000


def samples(count: int, step: int = 2 * SECOND) -> list[Sample]:
    return [
        Sample(T0 + number * step, float(number % 100), 1000 * (number + 1))
        for number in range(count)
    ]


def test_a_short_run_keeps_every_sample(tmp_path):
    taken = samples(100)
    log = UsageLog(tmp_path)
    for sample in taken:
        log.add(sample)
    assert taken == usage.read(tmp_path)
    assert 0o600 == (tmp_path / usage.FILE).stat().st_mode & 0o777


@pytest.mark.parametrize("count", [4095, 4096, 10_000, 60_480], ids=str)
def test_weeks_stay_small_and_evenly_sampled(tmp_path, count):
    """60,480 samples are a week at one per 10 s."""
    log = UsageLog(tmp_path)
    for sample in samples(count):
        log.add(sample)
        assert log._records < MAX_RECORDS
    log.flush()
    found = usage.read(tmp_path)
    assert (
        (tmp_path / usage.FILE).stat().st_size
        == len(found) * RECORD_BYTES
        <= MAX_RECORDS * RECORD_BYTES
    )
    assert min(count, MAX_RECORDS // 2) <= len(found)
    assert (T0 + (count - 1) * 2 * SECOND, 1000 * count) == (found[-1].time, found[-1].memory_bytes)
    steps = {two.time - one.time for one, two in pairwise(found[:-1])}
    assert 1 == len(steps)
    assert 49.5 == pytest.approx(sum(sample.cpu_percent for sample in found) / len(found), abs=1.5)


@settings(deadline=None)
@given(
    taken=st.lists(
        st.tuples(st.integers(1, 100), st.integers(0, 400), st.integers(0, 1 << 40)),
        min_size=1,
        max_size=60,
    ),
    most=st.sampled_from([2, 4, 8]),
)
def test_merged_samples_keep_total_processor_time_and_peak_memory(tmp_path_factory, taken, most):
    folder, time = tmp_path_factory.mktemp("run"), T0
    log = UsageLog(folder, most)
    spent = 0.0
    for number, (pause, cpu, memory) in enumerate(taken):
        time += pause * SECOND
        spent += cpu * pause if number else 0.0  # the first sample has nothing before it
        log.add(Sample(time, float(cpu), memory))
    log.flush()
    found = usage.read(folder)
    assert len(found) <= most
    assert (time, max(memory for _, _, memory in taken)) == (
        found[-1].time,
        max(sample.memory_bytes for sample in found),
    )
    before = [T0 + taken[0][0] * SECOND, *(sample.time for sample in found)]
    kept = sum(
        sample.cpu_percent * (sample.time - start) / SECOND
        for sample, start in zip(found, before, strict=False)
    )
    assert kept == pytest.approx(spent, rel=1e-5)


def test_a_torn_or_damaged_record_loses_only_itself(tmp_path):
    taken = samples(10)
    log = UsageLog(tmp_path)
    for sample in taken:
        log.add(sample)
    path = tmp_path / usage.FILE
    data = bytearray(path.read_bytes())
    data[3 * RECORD_BYTES + 5] ^= 0xFF
    path.write_bytes(bytes(data) + usage.pack(samples(11)[-1])[:-1])
    assert taken[:3] + taken[4:] == usage.read(tmp_path)
    log.add(samples(11)[-1])  # over the torn record
    assert [*taken[:3], *taken[4:], samples(11)[-1]] == usage.read(tmp_path)


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_can_be_read(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("run")
    (folder / usage.FILE).write_bytes(data)
    assert usage.read(folder) == usage.unpack(data)
    log = UsageLog(folder, 2)
    for sample in samples(9):
        log.add(sample)
    log.flush()
    assert usage.read(folder)[-1].time == samples(9)[-1].time


def test_a_disk_that_accepts_no_writes_loses_samples_and_nothing_else(tmp_path, monkeypatch):
    log = UsageLog(tmp_path, 4)
    for sample in samples(3):
        log.add(sample)

    def full(*_: object) -> int:
        raise OSError(28, "no space")

    with monkeypatch.context() as patch:
        this_thread.replace(patch, os, "pwrite", full)
        this_thread.replace(patch, os, "write", full)
        for sample in samples(8)[3:]:
            log.add(sample)
    for sample in samples(20)[8:]:
        log.add(sample)
    log.flush()
    found = usage.read(tmp_path)
    assert samples(20)[-1].time == found[-1].time
    assert len(found) <= 4


def test_a_run_without_samples_has_none(tmp_path):
    assert [] == usage.read(tmp_path)
