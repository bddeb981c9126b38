"""Read what a search over HTTP finds, as it arrives. A search is not resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import requests
from urllib3.exceptions import HTTPError

from prismq_nb.client.http.sse import Parser
from prismq_nb.common.log_models import RunHits
from prismq_nb.errors import PrismqError, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismq_nb.client.http.sse import Event


class _Hits(msgspec.Struct):
    lines: list[int]


class _Failure(msgspec.Struct):
    error: str


def hits(response: requests.Response, url: str) -> Iterator[int]:
    """Yield line numbers in order, until the search is complete.

    Args:
        response: the open event stream.
        url: address of the server, for messages.

    Raises:
        ServerUnreachable: the connection was lost before the end.
        PrismqError: the server could not complete the search.
    """
    for event in _events(response, url):
        if event.name == "hits":
            yield from msgspec.json.decode(event.data, type=_Hits).lines


def runs(response: requests.Response, url: str) -> Iterator[RunHits | None]:
    """Yield the runs that were found until the search is complete; None: it made progress.

    Arguments and errors as for `hits`.
    """
    for event in _events(response, url):
        yield msgspec.json.decode(event.data, type=RunHits) if event.name == "run" else None


def _events(response: requests.Response, url: str) -> Iterator[Event]:
    """Yield the events of a search before ``complete``."""
    parser = Parser()
    lost = f"the connection to {url} was lost during the search"
    try:
        for chunk in response.iter_content(None):
            for event in parser.feed(chunk):
                if event.name == "error":
                    raise PrismqError(msgspec.json.decode(event.data, type=_Failure).error)
                if event.name == "complete":
                    return
                yield event
    except (requests.RequestException, HTTPError, OSError) as error:
        raise ServerUnreachable(f"{lost}: {error}") from None
    raise ServerUnreachable(lost)
