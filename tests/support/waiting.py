"""How long tests wait for what must happen.

Nobody waits so long if all is well, and a busy machine needs a minute for what takes a second.
"""

from __future__ import annotations

WAIT_SECONDS = 120.0
"""Half of what one test may take."""
WAIT_MS = 1000 * WAIT_SECONDS
