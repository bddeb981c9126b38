"""Keep the pauses of garbage collection short in a server with a large heap."""

from __future__ import annotations

import gc
from functools import cache


@cache
def freeze_heap() -> None:
    """Leave what is there when the server has started out of all later collections.

    Jupyter with its extensions has several 100,000 objects that live as long as the server does. A
    full collection visits all of them while the event loop waits: 60 to 130 ms as measured, at no
    predictable time. Garbage is collected before, so that none of it is kept for ever. It happens
    once in a process.
    """
    gc.collect()
    gc.freeze()
