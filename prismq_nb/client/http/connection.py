"""`Connection`: the address and credentials of a Jupyter server.

`prismq_nb.connection()` returns one for use with any HTTP library, so this module imports none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from prismq_nb.common.base.regular_files import read_bounded
from prismq_nb.errors import ServerUnreachable


class NoHttpAddress(ServerUnreachable):
    """The server listens where HTTP clients cannot reach it, such as on a Unix socket.

    Attributes:
        data_dir: data directory of the server; None if its connection file does not name it.
    """

    def __init__(self, url: str, data_dir: object = None) -> None:
        """`url`, `data_dir`: from the connection file."""
        super().__init__(
            f"The Jupyter server listens on {unquote(url)}, which HTTP clients cannot reach; "
            "restart this kernel, and launch(), runs() and get() will use its data directory"
        )
        self.data_dir = data_dir if isinstance(data_dir, str) else None


class Headers(dict[str, str]):
    """HTTP headers whose repr hides their values, to keep credentials out of notebooks."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: '***'" for name in self) + "}"

    __str__ = __repr__


_MAX_BYTES = 1 << 20
"""The largest connection file that is read."""


@dataclass(frozen=True)
class Connection:
    """A Jupyter server with prismq_nb.

    Attributes:
        url: address of the server with its base path, without a trailing slash:
            ``f"{connection.url}/api/runs"``.
        headers: headers that each request must have; their repr hides the values.
        env_names: names of the variables in the server's environment; empty if unknown.

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
        """Whether the server is on this machine, where proxies and certificates do not apply."""
        host = urlsplit(self.url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")


def from_file(path: Path) -> Connection:
    """Read the connection file that the server writes for its kernels.

    A restarted server writes its new port and secret to the same file.

    Raises:
        NoHttpAddress: the server listens on a Unix socket.
        ServerUnreachable: the file is missing or invalid.
    """
    try:
        content = json.loads(read_bounded(path, _MAX_BYTES))
        url, secret = str(content["url"]), str(content["secret"])
        env_names = tuple(str(name) for name in content.get("env_names", ()))
    except OSError as error:
        raise ServerUnreachable(
            f"cannot read the connection file {path} ({error.strerror}); is the Jupyter server"
            " running?"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ServerUnreachable(f"{path} is not a prismq_nb connection file: {error!r}") from None
    if urlsplit(url).scheme not in ("http", "https"):
        raise NoHttpAddress(url, content.get("data_dir"))
    return Connection(url, Headers(Authorization=f"prismq {secret}"), env_names)
