"""Where a Jupyter server is and how to prove who is asking, read from the connection file or the environment.

Apart from http.py because it is also what a person gets from `prismq_nb.connection()`, to use with any HTTP library. Loads no HTTP library itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from prismq_nb.common.base.regular_files import read_bounded
from prismq_nb.errors import ServerUnreachable

__all__ = ["Connection", "Headers", "NoAddress", "from_file"]


class NoAddress(ServerUnreachable):
    """The server listens where HTTP clients cannot go, such as on a Unix socket.

    Attributes:
        data_dir: where its runs are; None where its connection file does not say.
    """

    def __init__(self, url: str, data_dir: object = None) -> None:
        """`url`: as the connection file says it; `data_dir`: a text, else it counts as unknown."""
        super().__init__(
            f"The Jupyter server listens at {unquote(url)}, which HTTP clients cannot reach; "
            "launch(), runs() and get() use its data directory instead. Restart this kernel."
        )
        self.data_dir = data_dir if isinstance(data_dir, str) else None


class Headers(dict[str, str]):
    """HTTP headers that never show their values: a cell that ends with them must not put a credential into the notebook."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: '***'" for name in self) + "}"

    __str__ = __repr__


_MAX_BYTES = 1 << 20
"""Longest connection file that is read."""


@dataclass(frozen=True)
class Connection:
    """A Jupyter server with prismq_nb.

    Attributes:
        url: its address with its base path, without a slash at the end: ``f"{connection.url}/api/runs"``.
        headers: what each request must carry; their repr hides them.
        env_names: names of the variables in the server's environment; empty where they are not known.

    Example:
        >>> server = prismq_nb.connection()
        >>> requests.get(f"{server.url}/api/runs", headers=server.headers).json()["total"]
    """

    url: str
    headers: Headers = field(repr=False)
    env_names: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", self.url.rstrip("/"))

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, so that no proxy and no certificate authority stands between."""
        host = urlsplit(self.url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")


def from_file(path: Path) -> Connection:
    """Read the connection file that the server wrote for its kernels.

    It is read again whenever the server does not answer: a restarted server has written its new port and secret there.

    Raises:
        NoAddress: the server listens on a Unix socket.
        ServerUnreachable: there is no such file, or it is not one of ours.
    """
    try:
        content = json.loads(read_bounded(path, _MAX_BYTES))
        url, secret = str(content["url"]), str(content["secret"])
        env_names = tuple(str(name) for name in content.get("env_names", ()))
    except OSError as error:
        raise ServerUnreachable(f"The connection file {path} cannot be read ({error.strerror}): is the Jupyter server running?") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ServerUnreachable(f"{path} is not a connection file of prismq_nb: {error!r}") from None
    if urlsplit(url).scheme not in ("http", "https"):
        raise NoAddress(url, content.get("data_dir"))
    return Connection(url, Headers(Authorization=f"prismq {secret}"), env_names)
