"""The level of a JSON line, whichever of the usual libraries wrote it.

Apart from `formats` because it walks a grammar instead of matching a header. It reads tokens only
as far as the level, at most `TOKENS` of them, and looks at keys where a library puts the level: the
top of the object, or one step below a few known keys. Text inside a string value is one token, so a
message that contains ``"level": "error"`` does not count. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.grammar.words import (
    CRITICAL,
    DEBUG,
    ERROR,
    INFO,
    NAMES,
    SYSLOG,
    WARNING,
    lazily,
)

TOKENS: Final = 200
"""Tokens (keys, values, braces) that are read of one object; a level behind them does not count."""

# A token, behind what stands between two. There is one at every place, so that nothing is skipped
# twice; a quote that nothing ends is the last.
_TOKEN = lazily(
    rb'[^"{}\[\]\d\-a-z]*+(?:"([^"\\]*+(?>(?:\\.[^"\\]*+)*))"[ \t]*+(:)?|(-?\d[\d.eE+-]*+)'
    rb'|([{\[])|([}\]])|[a-z]++|[^"]|(")|$)'
)
# in lower case
_HINTS: Final = (b"level", b"lvl", b"severity", b"priority", b'"s"', b'"l"', b'"@l"')

# Keys that hold the level, in lower case. structlog, zap, zerolog, slog, pino, bunyan, winston:
# level. GCP: severity. python-json-logger: levelname. hclog: @level. Serilog's compact form: @l.
# .NET: LogLevel. MongoDB: s. journald: PRIORITY. OpenTelemetry: severityText, severityNumber.
_KEYS: Final = frozenset(
    b"level severity levelname lvl loglevel log_level log.level @level @l level_name"
    b" severity_text severitytext severitynumber severity_number"
    b" priority levelno s _loglevel".split()
)
# Objects in which it may stand: ECS log.level, loguru's record.level.name, winston's form for
# logstash.
_PARENTS: Final = frozenset((b"log", b"record", b"@fields"))
_NAMED: Final = frozenset((b"level", b"severity", b"log_level"))  # ... Twisted's log_level.name

_NAME_NEXT = re.compile(rb'[ \t]*,[ \t]*"level_?[Nn]ame"[ \t]*:[ \t]*"([A-Za-z]+)"')

# A member before the one with the level. No key that may hold a level is passed over.
_MEMBER: Final = (
    r'"(?!_?[lL](?:[eE][vV]|[vV][lL]|[oO][gG][_.lL"])|[sS](?:[eE][vV]|")|[pP][rR][iI]|@[lL]|"'
    r'|[rR][eE][cC][oO][rR][dD]"|[cC][oO][nN][tT][eE][xX][tT]")[^"\\\n]{0,64}+"[ \t]*+:'
    r'[ \t]*+(?:"[^"\\\n]*+(?>(?:\\.[^"\\\n]*+)*)"|-?\d[\d.eE+\-]*+|true|false|null'
    r'|\{[^{}"\n]*+(?>(?:"[^"\\\n]*+(?>(?:\\.[^"\\\n]*+)*)"[^{}"\n]*+)*)\})[ \t]*+,[ \t]*+'
)
PLAIN_OBJECT: Final = (
    r"\{[ \t]*+(?>(?:" + _MEMBER + r"){0,20})" + r'(?:"log"[ \t]*:[ \t]*\{[ \t]*)?'
    r'"((?:level|severity|levelname|lvl|levelno|log\.level|@level|@l|LogLevel|severityText|s'
    r'|PRIORITY)"[ \t]*:[ \t]*(?:"[A-Za-z\d]+(?="(?![ \t]*:))'
    r'|\d{1,3}(?=[ \t]*[,}])(?![ \t]*,[ \t]*"level_?[Nn]ame")))'
)  # fmt: skip
"""An object with plain members before its level, as most libraries write it, at the cost of one
match; its group is the member with the level, without the outer quotes."""

_PINO_STEP: Final = 10
# 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal
_PINO: Final = (DEBUG, DEBUG, DEBUG, INFO, WARNING, ERROR, CRITICAL)
_MONOLOG_STEP: Final = 100
# 100 debug, 200 info, 250 notice, 300 warning, 400 error, 500 critical to 600 emergency; from 700
# on those of Java: 800 info, 900 warning.
_MONOLOG: Final = (DEBUG, INFO, WARNING, ERROR, CRITICAL, CRITICAL, INFO, INFO, WARNING)
_LETTERS: Final = {b"d": DEBUG, b"i": INFO, b"w": WARNING, b"e": ERROR, b"f": CRITICAL}


def json_level(text: bytes) -> int:
    """The level that a JSON object names, -1 when it names none.

    Args:
        text: one line that begins with ``{``; it may be cut.
    """
    lower = text.lower()
    return _walk(text) if any(hint in lower for hint in _HINTS) else -1


def member_level(member: bytes) -> int:
    """The level of what the group of `PLAIN_OBJECT` matched; -1 if it is no name of a level."""
    key, _, value = member.partition(b'"')
    word = value.lstrip(b" \t:")
    return _number(key.lower(), word) if word[:1] != b'"' else _word(key.lower(), word[1:])


def _walk(text: bytes) -> int:
    # the key under which each open object stands, b"" for the outermost and inside arrays
    path: list[bytes] = []
    key = b""
    for count, token in enumerate(_TOKEN().finditer(text)):
        kind = token.lastindex
        # The group of the pattern above: a quote that nothing ends
        if count > TOKENS or kind == 6:  # noqa: PLR2004
            return -1
        if kind == 2:  # noqa: PLR2004 - a key
            key = token[1].lower()
            continue
        if kind == 4:  # noqa: PLR2004 - an opening bracket
            path.append(key if token[4] == b"{" else b"[")
        elif kind == 5:  # noqa: PLR2004 - a closing bracket
            if path:
                path.pop()
        elif kind is not None and _holds_level(path, key):
            named = _NAME_NEXT.match(text, token.end())  # the number may be of any scale
            # A number
            level = (
                _word(key, named[1])
                if named
                else _number(key, token[3])
                if kind == 3  # noqa: PLR2004
                else _word(key, token[1])
            )
            if level >= 0:
                return level
        key = b""
    return -1


def _holds_level(path: list[bytes], key: bytes) -> bool:
    # One step below
    if key == b"loglevel" and len(path) == 2 and path[1] == b"context":  # noqa: PLR2004
        return True  # Roarr
    if key in _KEYS:
        # One step below
        is_below = len(path) == 2 and path[1] in _PARENTS and key != b"s"  # noqa: PLR2004
        return len(path) == 1 or is_below
    # How deep the key is
    return (
        key == b"name"
        and len(path) > 1
        and path[-1] in _NAMED
        and (len(path) == 2 or path[1] in _PARENTS)  # noqa: PLR2004
    )


def _word(key: bytes, value: bytes) -> int:
    word = value.strip().lower()
    if key == b"s":
        # MongoDB: I, W, E, F, D or D1 to D5
        return _LETTERS.get(word[:1], -1) if len(word) <= 2 else -1  # noqa: PLR2004
    return _number(key, word) if word.isdigit() else NAMES.get(word, -1)


def _number(key: bytes, value: bytes) -> int:
    if not value.isdigit() or len(value) > 3:  # noqa: PLR2004 - 0 to 999 in every library
        return -1
    number = int(value)
    if key in (b"severitynumber", b"severity_number"):
        return (
            (DEBUG, DEBUG, INFO, WARNING, ERROR, CRITICAL)[min((number - 1) // 4, 5)]
            if number
            else -1
        )
    if key == b"levelno":
        return (DEBUG, DEBUG, INFO, WARNING, ERROR, CRITICAL)[min(number // 10, 5)]
    if number < len(SYSLOG):
        return SYSLOG[number]  # GELF and journald
    if number >= _MONOLOG_STEP:
        return _MONOLOG[number // _MONOLOG_STEP - 1]
    return _PINO[min(number // _PINO_STEP, len(_PINO) - 1)]


STEPS: Final = (_TOKEN,)
"""Each compiles a pattern."""
