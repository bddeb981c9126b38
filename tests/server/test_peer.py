"""Socket options of a connection. tests/streaming/test_robust.py tests their effect."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from prismq_nb.server.http import peer


@pytest.fixture
def connection():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        closing(socket.create_connection(server.getsockname())) as client,
    ):
        accepted, _ = server.accept()
        with accepted:
            yield accepted, client


def test_little_is_buffered_and_the_peer_is_probed_often(connection):
    accepted, _ = connection
    peer.prepare(accepted, 30.0)
    wanted = {
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 15,
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 8,
        (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT): peer.UNSENT_BYTES,
    }
    assert wanted == {option: accepted.getsockopt(*option) for option in wanted}
    try:
        usual = accepted.getsockopt(socket.IPPROTO_TCP, peer.TCP_RTO_MAX_MS)
    except OSError:
        return  # a kernel before 6.15, which lacks the option
    assert 7500 == usual


@pytest.mark.parametrize(("seconds", "milliseconds"), [(1.0, 1000), (3600.0, 120_000)])
def test_any_timeout_within_bounds_is_accepted(connection, seconds, milliseconds):
    accepted, _ = connection
    peer.prepare(accepted, seconds)
    try:
        assert milliseconds == accepted.getsockopt(socket.IPPROTO_TCP, peer.TCP_RTO_MAX_MS)
    except OSError:
        assert 1 == accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_another_kind_of_socket_is_left_alone():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        peer.prepare(ours, 30.0)
        assert peer.info(ours) is None
