"""Entity tags (RFC 9110, section 8.8.3). Pure."""

from __future__ import annotations


def is_unchanged(if_none_match: str, etag: str) -> bool:
    """Return whether a client has the representation with this tag, so that 304 is the answer.

    Compares weakly, as RFC 9110, section 13.1.2, says: proxies that compress make tags weak.

    Args:
        if_none_match: the header ``If-None-Match``; empty if it is missing.
        etag: the strong tag, with its quotes.
    """
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return etag in tags
