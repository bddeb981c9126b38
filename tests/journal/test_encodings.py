"""Encodings other than UTF-8: reading or recoding in pieces equals decoding the whole."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_cases import examples

from prismq_nb.capture.masking.masker import Masker
from prismq_nb.capture.pipes.newlines import counter
from prismq_nb.capture.pipes.recoding import RecodingSplitter
from prismq_nb.common.base.encodings import Recoder, boundary_finder, is_recoded, to_utf8

READ = [
    "latin-1",
    "cp1252",
    "koi8-r",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "cp932",
    "euc_jp",
    "euc_kr",
    "johab",
]
RECODED = [
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-be",
    "iso2022_jp",
    "utf-7",
    "hz",
    "utf-8-sig",
]


@pytest.mark.parametrize("encoding", READ)
def test_an_encoding_with_ascii_newlines_is_decoded_when_read(encoding):
    assert not is_recoded(encoding)


@pytest.mark.parametrize("encoding", RECODED)
def test_an_encoding_with_other_newlines_or_with_state_is_recoded_to_utf_8(encoding):
    assert (True, None) == (is_recoded(encoding), to_utf8(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "no such encoding"])
def test_utf_8_is_stored_unchanged(encoding):
    assert (None, None, False) == (
        to_utf8(encoding),
        boundary_finder(encoding),
        is_recoded(encoding),
    )


@given(st.sampled_from(READ), st.binary())
def test_decoding_keeps_the_number_of_lines(encoding, data):
    convert = to_utf8(encoding)
    assert convert is not None
    text = convert(data)
    text.decode()
    assert data.count(b"\n") == text.count(b"\n")


@given(
    st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "iso2022_jp"]),
    st.binary(),
    st.lists(st.integers(0, 40)),
)
def test_recoding_in_pieces_equals_recoding_the_whole(encoding, data, cuts):
    expected = data.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    recoder, at, found = Recoder(encoding), 0, b""
    for size in cuts:
        found += recoder.take(data[at : at + size])
        at += size
    assert expected == found + recoder.take(data[at:]) + recoder.end()


@settings(max_examples=examples(50), deadline=None)
@given(
    st.sampled_from(RECODED[:5]),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(1, 7),
    st.booleans(),
)
def test_the_splitter_stores_every_encoding_as_utf_8(encoding, text, size, odd):
    data = (text.removeprefix("\ufeff") + "\nend").encode(encoding) + b"\x01" * odd
    expected = data.decode(encoding, "replace").removeprefix("\ufeff").encode()
    read, write = os.pipe()
    os.set_blocking(read, False)
    splitter, found = RecodingSplitter(read, 0, counter({}), encoding=encoding), b""
    for at in range(0, len(data), size):
        os.write(write, data[at : at + size])
        while count := splitter.read():
            found += b"".join([bytes(record) for record, _, _ in splitter.records(count)])
    os.close(write)
    while splitter.open:
        if count := splitter.read():
            found += b"".join([bytes(record) for record, _, _ in splitter.records(count)])
    found += b"".join([bytes(record) for record, _, _ in splitter.rest()])
    splitter.close()
    assert expected == found


@given(st.sampled_from(["gbk", "gb18030", "shift_jis", "euc_kr", "big5"]), st.integers(1, 200))
def test_a_long_line_is_cut_between_characters(encoding, cut):
    data = ("a" + "日本" * 60).encode(encoding)
    boundary = boundary_finder(encoding)
    assert boundary is not None
    at = boundary(bytearray(data), 0, min(cut, len(data)))
    data[:at].decode(encoding)
    assert cut - 4 < at <= cut or at == len(data)


def test_a_secret_is_masked_in_the_encoding_of_the_output():
    masker = Masker(["pässwörd"], "latin-1")
    assert b"is ****** and ******" == masker.apply(
        "is pässwörd".encode("latin-1") + " and pässwörd".encode(),
    )
