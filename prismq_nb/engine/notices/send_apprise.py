"""The program that sends one notice. Started by `sending`; imports nothing of this project.

Apprise loads some hundred modules and speaks with strangers, so it does not run in the server.
Reads JSON from its stdin: ``address``, ``title``, ``body``, ``kind``. Its exit status is the
result, and it prints at most the status of an HTTP response, never what apprise says, which may
name the address.
"""

import json
import logging
import re
import sys
from typing import Any

SENT, REFUSED, UNKNOWN, INVALID, LOCAL, MISSING = 0, 11, 12, 13, 14, 15
"""Exit statuses: it was sent; the service or the network refused; the service did not answer, but
may have it; the address is not valid; it acts on this machine; apprise is not installed. Python
itself ends with 1 or 2."""
_HTTP_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")
LOCAL_TEMPLATE = "{schema}://"
"""A service that needs nothing behind the scheme acts on this machine (`NotifyBase.templates`)."""


class Heard(logging.Handler):
    """What apprise logs of a failure.

    Attributes:
        status: of the HTTP response, such as ``HTTP 401``; empty: none.
        is_unanswered: a request was sent, and no response came in time (urllib3's words).
    """

    status = ""
    is_unanswered = False

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record."""
        text = record.getMessage()
        if found := _HTTP_STATUS.search(text):
            self.status = f"HTTP {found[1]}"
        self.is_unanswered |= "Read timed out" in text


def main() -> int:
    """Send, and return the exit status."""
    wanted = json.load(sys.stdin)
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.addHandler(heard := Heard())
    try:
        import apprise  # noqa: PLC0415 - may be missing
    except ImportError:
        return MISSING
    logger.setLevel(logging.DEBUG)
    result = send(apprise, wanted)
    if heard.status:
        print(heard.status)  # noqa: T201 - the parent reads it
    return UNKNOWN if result == REFUSED and heard.is_unanswered else result


def send(apprise: Any, wanted: dict[str, str]) -> int:
    """Send a notice with apprise as it comes: no configuration, plugins, attachments or storage."""
    asset = apprise.AppriseAsset(
        plugin_paths=[], storage_mode=apprise.PersistentStoreMode.MEMORY, secure_logging=True
    )
    service = apprise.Apprise.instantiate(wanted["address"], asset=asset)
    if service is None:
        return INVALID
    if LOCAL_TEMPLATE in service.templates:
        return LOCAL
    notifier = apprise.Apprise(asset=asset)
    notifier.add(service)
    was_sent = notifier.notify(
        title=wanted["title"],
        body=wanted["body"],
        notify_type=wanted["kind"],
        body_format=apprise.NotifyFormat.TEXT,
    )
    return SENT if was_sent else REFUSED


if __name__ == "__main__":
    sys.exit(main())
