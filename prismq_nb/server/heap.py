"""Keep the pauses of garbage collection short in a server with a large heap."""

from __future__ import annotations

import gc
from functools import cache


@cache
def freeze_heap() -> None:
    """Exclude everything that exists when the server has started from garbage collection.

    Jupyter with its extensions has several 100,000 objects that live as long as the server. A full
    collection visits all of them while the event loop waits: 60 to 130 ms as measured, at
    unpredictable times. Garbage is collected first, so that none of it is kept for ever. It happens
    once per process.
    """
    gc.collect()
    gc.freeze()
