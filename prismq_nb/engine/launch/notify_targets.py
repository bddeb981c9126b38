"""Where notices go: the targets that a launch may name, and the addresses behind the names.

An address is a URL of apprise, which usually holds a password. So it is treated like a masked
value: no message, no file and no log has it. A name comes from the server's configuration, or from
``notify.json`` in Jupyter's configuration directory.
"""

from __future__ import annotations

import importlib.util
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from prismq_nb.common.base.regular_files import read_with_status
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prismq_nb.engine.files.notice_state import Sender

FILE = "notify.json"
INSTALL = 'pip install "prismq-nb[notify]"'
MAX_TARGETS = 10
"""Most targets of one run."""
MAX_LINES = 100
"""Most lines of the log in one notice."""
MAX_ADDRESS_CHARS = 2000
LOCAL_SCHEMES = frozenset(
    {"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
)
"""Schemes of apprise that act on the machine of the server. The process that sends refuses others
of that kind as well, which a later apprise may have."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", re.ASCII)
_MAX_FILE_BYTES = 256 << 10
_OTHER_USERS = 0o077
_KNOWN = 10
"""Most names that a message lists."""


class Recipients(NamedTuple):
    """Who gets the notice of a run.

    Attributes:
        names: of targets.
        addresses: given by the launch itself.
        lines: how many lines of the log they get.
    """

    names: Sequence[str] = ()
    addresses: Sequence[str] = ()
    lines: int = 0


class Targets:
    """The targets that one process knows, and the addresses that launches gave it.

    Usable from any thread.

    Attributes:
        sender: this process, if it sends notices.
    """

    def __init__(
        self,
        configured: Mapping[str, str] | None = None,
        default: Sequence[str] = (),
        *,
        sender: Sender | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            configured: addresses by name; they come before those of the file.
            default: names for launches that do not say whom to notify.
            sender: this process, if it sends notices; only then does it take addresses.
        """
        self.sender = sender
        self._configured = dict(configured or {})
        self._default = tuple(default)
        self._addresses: dict[str, Sequence[str]] = {}

    def recipients(self, given: Sequence[str] | str | None, lines: int) -> Recipients:
        """Check whom a launch wants to notify.

        Args:
            given: names and addresses; None: the default.
            lines: how many lines of the log to send.

        Raises:
            InvalidRequest: a name is unknown, an address cannot be used here, or apprise is not
                installed. The message has no address.
        """
        if not 0 <= lines <= MAX_LINES:
            raise _refused(f"notify_lines={lines} is not between 0 and {MAX_LINES}", "notify_lines")
        if given is None:
            return self._default_recipients(lines)
        wanted = [given] if isinstance(given, str) else given
        if len(wanted) > MAX_TARGETS:
            raise _refused(f"notify has {len(wanted)} entries; at most {MAX_TARGETS} are notified")
        if wanted and self.sender is not None and importlib.util.find_spec("apprise") is None:
            where = "which is not installed in the environment of the Jupyter server"
            raise _refused(f"notify needs apprise, {where}: {INSTALL}")
        addresses = [each for each in wanted if is_address(each)]
        names = [each for each in wanted if not is_address(each)]
        for name in names:
            self._check_name(name)
        for address in addresses:
            self._check_address(address)
        return Recipients(list(dict.fromkeys(names)), list(dict.fromkeys(addresses)), lines)

    def _default_recipients(self, lines: int) -> Recipients:
        if not self._default:
            return Recipients(lines=lines)
        try:
            return self.recipients(self._default, lines)
        except InvalidRequest as error:
            why = f"the server's default, PrismQApp.notify, cannot be used: {error}"
            raise _refused(f"{why}; a launch with notify=[] notifies nobody") from None

    def address(self, name: str) -> str | None:
        """Return the address of a target; None: this process does not know it.

        Raises:
            InvalidRequest: the file cannot be used.
        """
        found = self._configured.get(name)
        return found if found is not None else _from_file().get(name)

    def remember(self, run_id: str, addresses: Sequence[str]) -> None:
        """Keep the addresses that a launch gave, in memory."""
        if addresses:
            self._addresses[run_id] = tuple(addresses)

    def forget(self, run_id: str) -> None:
        """Drop the addresses of a run."""
        self._addresses.pop(run_id, None)

    def given(self, run_id: str) -> Sequence[str]:
        """Return the addresses of a run that are in memory."""
        return self._addresses.get(run_id, ())

    def _check_name(self, name: str) -> None:
        if not _NAME.match(name):  # not repeated: it may be a mistyped address
            rule = "letters, digits, '.', '_' and '-', at most 64"
            raise _refused(f"notify has an entry that is neither a name ({rule}) nor an address")
        address = self.address(name)
        if address is None:
            raise self._unknown(name)
        if not is_address(address):
            raise _refused(f"the target {name!r} has no valid address (scheme://...)")
        _check_scheme(f"the target {name!r}", address)

    def _unknown(self, name: str) -> InvalidRequest:
        known = sorted({*self._configured, *_from_file()})
        where = f"PrismQApp.notify_targets or {str(targets_file())!r}"
        if not known:
            return _refused(f"notify={name!r}: no targets are configured; define it in {where}")
        more = ", ..." if len(known) > _KNOWN else ""
        listed = f"{', '.join(map(repr, known[:_KNOWN]))}{more}"
        hint = did_you_mean(name, known) or f"; define it in {where}"
        return _refused(f"notify={name!r} is not a known target (known: {listed}){hint}")

    def _check_address(self, address: str) -> None:
        if self.sender is None:
            raise _refused(
                "notify has an address, which only a Jupyter server can keep, in its memory, and"
                f" there is none here: define a name for it in {str(targets_file())!r}"
            )
        if len(address) > MAX_ADDRESS_CHARS:
            raise _refused(f"notify has an address of over {MAX_ADDRESS_CHARS:,} characters")
        _check_scheme("notify has an address that", address)


def is_address(entry: str) -> bool:
    """Return whether an entry of `notify` is an address; else it is a name."""
    return "://" in entry


def refuse_addresses(given: list[str] | str | None) -> None:
    """Refuse addresses from anybody but a kernel: a request could send a log anywhere.

    Raises:
        InvalidRequest: there is one.
    """
    if without_addresses(given) != given:
        raise _refused(
            "notify takes names of targets here, not addresses: define a name for the address in"
            f" PrismQApp.notify_targets or {str(targets_file())!r}, and send the name"
        )


def without_addresses(given: list[str] | str | None) -> list[str] | str | None:
    """Return what may be stored of the `notify` of a launch."""
    if isinstance(given, str):
        return [] if is_address(given) else given
    return None if given is None else [each for each in given if not is_address(each)]


def targets_file() -> Path:
    """Return the path of ``notify.json``."""
    from jupyter_core.paths import jupyter_config_dir  # noqa: PLC0415 - a kernel may not have it

    return Path(jupyter_config_dir(), FILE)


def _check_scheme(what: str, address: str) -> None:
    scheme = address.partition("://")[0].strip().lower()
    if scheme in LOCAL_SCHEMES:
        raise _refused(
            f"{what} has the scheme {scheme!r}, which acts on the machine of the server; use a"
            " service that is reached over the network"
        )


def _from_file() -> dict[str, str]:
    """Return the addresses in ``notify.json`` by name; empty without that file.

    Raises:
        InvalidRequest: others can read it, or it cannot be read.
    """
    try:
        path = targets_file()
        data, status = read_with_status(os.path.realpath(path), _MAX_FILE_BYTES)
    except (FileNotFoundError, NotADirectoryError, ImportError):
        return {}
    except OSError as error:
        raise _refused(f"{str(path)!r} cannot be read: {error.strerror}") from None
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid not in (0, os.geteuid()):
        raise _refused(f"{str(path)!r} belongs to another user; its addresses are not used")
    if mode & _OTHER_USERS:
        why = f"has mode {mode:04o}, so other users can read the addresses in it"
        raise _refused(f"{str(path)!r} {why}: run chmod 600 {path}")
    try:
        return msgspec.json.decode(data, type=dict[str, str])
    except (msgspec.MsgspecError, ValueError, RecursionError):  # the text would show an address
        like = 'such as {"team": "mailto://..."}'
        raise _refused(f"{str(path)!r} is not a JSON object of addresses by name, {like}") from None


def _refused(message: str, parameter: str = "notify") -> InvalidRequest:
    return InvalidRequest(message, parameter=parameter)
