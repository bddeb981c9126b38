"""Newlines are counted exactly, with stringzilla and without it."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismq_nb.capture.pipes.newlines import counter


@pytest.fixture(scope="module", params=["stringzilla", "without it"])
def count(request):
    if request.param == "stringzilla":
        return counter({})
    with pytest.MonkeyPatch.context() as patch:
        # What an import of it meets where it is missing.
        patch.setitem(sys.modules, "stringzilla", None)
        return counter({"stringzilla": "/nowhere"})


@given(
    pieces=st.lists(
        st.sampled_from([b"", b"\n", b"x" * 15, b"\r\n", bytes(range(256))]), max_size=200
    ),
    start=st.integers(0, 40),
)
def test_all_newlines_of_a_part_of_a_buffer_are_counted(count, pieces, start):
    data = b"".join(pieces)
    assert count(memoryview(bytearray(data))[start:]) == sum(byte == 10 for byte in data[start:])


def test_the_import_path_is_restored(count):
    before = list(sys.path)
    counter({"stringzilla": "/nowhere"})
    assert sys.path == before
