"""The message of an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from prismq_nb.errors import PrismqError

REST = re.compile(r"GET |POST |DELETE |/api/|[^.]\bsend\b|\bHTTP\b|not allowed, or signed out")
"""What no message for Python says."""


def sentence(call: Callable[[], Any]) -> str:
    """Return the message of what `call` raises."""
    with pytest.raises(PrismqError) as caught:
        call()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    text = str(caught.value)
    assert not REST.search(text)
    assert "\n" not in text
    return text
