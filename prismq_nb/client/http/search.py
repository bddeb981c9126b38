"""The numbers that a search over HTTP sends, as they come. Apart from follow.py, because a search is not resumed: it begins anew or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import requests
from urllib3.exceptions import HTTPError

from prismq_nb.client.http.sse import Parser
from prismq_nb.errors import PrismqError, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["found"]


class _Hits(msgspec.Struct):
    lines: list[int]


class _Failure(msgspec.Struct):
    error: str


def found(response: requests.Response, name: str) -> Iterator[int]:
    """Line numbers in order, until the search is complete.

    Args:
        response: the open stream.
        name: of the server, for messages.

    Raises:
        ServerUnreachable: the connection broke before the end.
        PrismqError: the server could not search to the end.
    """
    parser = Parser()
    lost = f"the connection to {name} was lost during the search"
    try:
        for chunk in response.iter_content(None):
            for event in parser.feed(chunk):
                if event.name == "hits":
                    yield from msgspec.json.decode(event.data, type=_Hits).lines
                elif event.name == "error":
                    raise PrismqError(msgspec.json.decode(event.data, type=_Failure).error)
                elif event.name == "complete":
                    return
    except (requests.RequestException, HTTPError, OSError) as error:
        raise ServerUnreachable(f"{lost}: {error}") from None
    raise ServerUnreachable(lost)
