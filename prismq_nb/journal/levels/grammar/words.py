"""The names of levels in the languages and libraries of the world, and what each one means.

In lower case. Levels are plain ints here: `classifier.Level` is the public name, and the patterns
must not import it back. Imports nothing of this project.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final


def lazily(pattern: bytes) -> Callable[[], re.Pattern[bytes]]:
    """The pattern, compiled when it is first asked for.

    The big ones take milliseconds, and most runs need few of them.
    """
    return functools.cache(lambda: re.compile(pattern))


DEBUG: Final = 0
INFO: Final = 1
WARNING: Final = 2
ERROR: Final = 3
CRITICAL: Final = 4

SYSLOG: Final = (CRITICAL, CRITICAL, CRITICAL, ERROR, WARNING, INFO, INFO, DEBUG)
"""The levels of the severities of syslog(3), 0 (emerg) to 7 (debug): RFC 5424, section 6.2.1."""

CONTINUES: Final = 8
"""Beside the level in a line's byte: the line begins no record, for it continues the one above it,
or is blank."""
JOINED_LINES: Final = 50
"""An indented line continues the line above it, of its stream and level, if no more lines of the
run lie between. Fewer: records of busy runs fall apart. More: looking back takes longer."""

_BY_LEVEL: Final = {
    DEBUG: "debug debug1 debug2 debug3 debug4 debug5 trace trace1 trace2 trace3 trace4 trace5"
    " trace6 trace7 trace8 verbose fine finer finest dbg"
    " dbug vrb trc trce debu debg trac silly sill verb spam blat",
    INFO: "info information informational notice notic noti note log success inf default ok",
    WARNING: "warning warn warni wrn deprecation",
    ERROR: "error err erro eror severe fail failed fault",
    CRITICAL: "critical crit criti fatal fata ftl emerg emergency alert panic pani dpanic crt"
    " pnc failure",
}

NAMES: Final[dict[bytes, int]] = {
    word.encode(): level for level, words in _BY_LEVEL.items() for word in words.split()
} | {b"fatal error": CRITICAL}
NAMES.update({b"verbose%d" % digit: DEBUG for digit in range(1, 10)})

UPPER: Final = (
    rb"DEBUG[1-5]?|INFO(?:RMATION(?:AL)?)?|WARN(?:I(?:NG)?)?|ERR(?:OR?)?|EROR|CRIT(?:I(?:CAL)?)?"
    rb"|FATAL?|SEVERE|TRACE?|NOTI(?:CE?)?|VERBOSE[1-9]?|FINE(?:R|ST)?"
    rb"|SUCCESS|DBU?G|VRB|TRC|DEBU|DEBG|BLAT|SILLY|SPAM|INF|NOTE|LOG|WRN|DEPRECATION|FAILURE|FTL"
    rb"|EMERG(?:ENCY)?|ALERT|D?PANIC|PANI|CRT|PNC"
)
"""Patterns of the words, by how much they need around them to count: upper-case ones stand out, the
others must be marked by brackets or a colon."""
LOWER: Final = (
    rb"[Dd]ebug[1-5]?|[Ii]nfo(?:rmation(?:al)?)?|[Ww]arn(?:ing)?|[Ee]rror|[Cc]rit(?:ical)?"
    rb"|[Ff]atal(?: error)?|[Ss]evere|[Tt]race[1-8]?"
    rb"|[Nn]ot(?:ice|e)|[Vv]erbose|[Pp]anic|[Ee]merg(?:ency)?|[Aa]lert|[Ss]uccess|[Ff]ail"
    rb"|[Ss]illy|dbug|trce|[Ff]ault|[Ee]rr|[Ww]rn|inf|[Dd]bg"
)
MONTH: Final = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DAY: Final = (
    rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)[ \t]+"
)
"""A month, or a day of the week, as a token."""
INITIALS: Final = (
    rb"(?:D(?=E|B|PA)|BLA|IN|WA|WR|E[RM]|C[R]|F[AIT]|S[EIPU]|TR|V[ER]|NO|LOG|AL|P[AN]"
    rb"|[Dd]eb|dbu|[Dd]bg|[Ii]n[f]|[Ww]a|[Ww]rn|[Ee][rm]|[Cc]ri|[Ff]a|[Ss][eiu]|[Tt]r|trce"
    rb"|[Nn]ot|[Vv]er|[Pp]an|[Aa]l)"
)
"""How all of them begin."""
SETTING: Final = rb"(?i:true|false|none|null|yes|no|on|off|n/a|nan|\[\]|\{\})"
"""What stands behind a word that is a setting's name."""
