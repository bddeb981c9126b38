"""General headers: a level behind what logging formats put before it, or between glued fields.

What may stand before it: times, numbers, names, brackets. A level counts only in such a *slot*.
Prose ends the search, so ``Got an ERROR from the server`` has no level and ``INFO: no errors
found`` is INFO. Pure functions of one line's beginning. Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from prismq_nb.journal.levels.grammar.words import (
    DAY,
    ERROR,
    INITIALS,
    LOWER,
    MONTH,
    NAMES,
    SETTING,
    UPPER,
    lazily,
)

HEAD_BYTES: Final = 256
"""A level is looked for in this many bytes at the start of a line (JSON objects and logfmt pairs:
as much as `text.shown` shows of it)."""

_FACILITY = rb"(?:auth|authpriv|cron|daemon|ftp|kern|lpr|mail|news|syslog|user|uucp|local[0-7])"

# What may stand before a level. Every alternative ends in white space or a bracket and none can
# match what another one matches, so that a failing match costs time in proportion to the head,
# whatever it contains.
_BRACKET = (
    rb"(?:\[[^\]\n]{0,100}+\]|\([^)\n]{0,100}+\)|<[^>\n]{0,100}+>|\{[^}\n]{0,100}+\})[:,]?[ \t]*+"
)
# with a digit, dot, dash...: time, pid, host, file
_MIXED = rb"""[A-Za-z]*[\d._:/@$\#~%+\-,\[({][^\s"'=\]]*+(?>(?:\](?!\[)[^\s"'=\]]*+)*)[ \t]++"""
_UPPER_TOKEN = rb"[A-Z][A-Z_]*+[ \t]++"
_NAME_DASH = rb"[A-Za-z]++[ \t]++[-|:>]++[ \t]++"
_PAIR_TOKEN = rb"(?!level|lvl|severity)[a-z_]++=[\w.\-/]++[ \t]++"  # Sidekiq
_SYMBOL = rb"[^\w\s\[\](){}<>\"'\#=\\|]"  # an emoji, a bullet
_MARK = rb"[^\w\s\[\](){}<>\"'\#=\\|._:/@$~%+\-,]"  # one with which no token begins
_ICON = rb"\xe2[\x80-\xbf]{2}(?:\xef\xb8\x8f)?"
_TOKENS: Final = (
    _BRACKET,
    rb"(?![\[({<])" + _MIXED,
    _UPPER_TOKEN,
    DAY,
    _NAME_DASH,
    _PAIR_TOKEN,
    _ICON + rb"[ \t]+",
    rb"[|>*]+-?[ \t]*",
)

_TOKEN: Final = rb"(?>" + rb"|".join(_TOKENS) + rb")"
"""One token, taken once: none can end in two places, so a failing match, which could take for ever,
need not look for another end."""
# One plain word at most, and what follows it. No word that is a token: tokens would be read from
# each of many words then. Of a column, only the word.
_PLAIN_WORD = (
    rb"(?!"
    + _UPPER_TOKEN
    + rb"|"
    + DAY
    + rb"|[A-Za-z]++[ \t]++[-:>]++[ \t])[A-Za-z]++[ \t]++(?:(?=\|)|(?!\|)(?:"
    + _TOKEN
    + rb"){0,8}?)"
)

_HEADER = lazily(
    rb"(?:" + _MARK + rb"++[ \t]*+|={1,3}>[ \t]++)?[\[(<{]?[ \t]*+"
    rb"(?:" + _TOKEN + rb"){0,14}?(?:" + _PLAIN_WORD + rb")??"
    # so that other tokens need not be held against all the words
    + rb"(?=[\[(<|]|[{ \t]*+(?:" + INITIALS + rb"|[a-z][\w\-]*+\.[A-Za-z]))(?:"
    + rb"(?:\[[\w \#.\-]{1,40}+/|[\[(<{|]?[ \t]*+(?:[a-z][\w-]*+\.)?)(" + UPPER + rb")"
    + rb"(?=[ \t]*(?:[:\])>}|!]|$)|[ \t]|\[|\((?!s\))|\{|-(?![A-Za-z])|[+-]\d|/(?=[A-Z][a-z])"
    rb"|,(?=\d\d+[-/:]|[ \t]*\[))"
    + rb"|[\[(<|][ \t]*+(?:[\w.\-]*+[:#])?(" + LOWER + rb")[ \t]*+[\])>|]"
    + rb"|(" + LOWER + rb")(?:[ ](?:[A-Z]{1,5}\d+|\(dev\))|\[[A-Za-z]*\d*\])?[ ]?:(?=\s|$)"
    + rb"|" + _FACILITY + rb"\.(emerg|alert|crit|err|warn(?:ing)?|notice|info|debug)[ \t:]"
    + rb"|(" + LOWER + rb")(?![ \t]*[\])>])(?:\t|[ \t]{2,}|[ ][-|][ ]|[ ](?=[A-Z\d\[\"'({<])"
    rb"|[ ](?=\w[\w.\-]*[\[(:]))"
    + rb")"
)  # fmt: skip
_UPPER_GROUP, _BRACKET_GROUP, _COLUMN_GROUP = 1, 2, 5

_STAMP: Final = (
    rb"(?>\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]|\d\d/\d\d/\d{2,4} |" + MONTH + rb" [ \d]\d "
    rb"|\d\d-" + MONTH + rb"-\d{4} |[A-Z][a-z]{2} " + MONTH + rb" [ \d]\d )?"
    rb"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[ ]?[+\-]\d\d:?\d\d)?(?: \d{4}(?=\]))?\]?:?)"
)  # fmt: skip
_TIMED_TOKEN: Final = (
    rb"(?>\[(?!-{0,4}[A-Za-z]-{0,4}\])(?![^\]\n]{0,99}?[A-Z]{3})[^\]\n]{0,100}+\][:,]?[ \t]*+"
    rb"|(?![\[({<])(?!\S*?[A-Z]{3})" + _MIXED + rb"|[A-Z]" + _UPPER_TOKEN + rb"|" + _NAME_DASH
    + rb"|[|>*]+-?[ \t]*)"
)  # fmt: skip
_LIKE_LEVEL: Final = rb"[DdIiWwEeCcFfSsTtNnVvPpAa][a-z]{2,8}[ \t]"
TIMED_HEADER: Final = (
    # a time; what follows is no level of one letter, nor what Docker Compose puts before a line
    _STAMP + rb"[ \t]++(?!" + _LIKE_LEVEL + rb"|(?:\| *)?[A-Z][ |/:\]]|\[[A-Z]:"
    rb"|[\w.\-]{0,60}:[\w.\-]{0,60}:[A-Z]:|[A-Za-z][\w.\-]*+ +\| )"
    # names, numbers, brackets, and one plain word: a host
    rb"(?:" + _TIMED_TOKEN + rb"){0,8}?"
    rb"(?:(?!" + _UPPER_TOKEN + rb"|" + DAY + rb"|" + _LIKE_LEVEL
    + rb"|[A-Za-z]++[ \t]++[-:>|]++[ \t])"
    rb"[A-Za-z]++[ \t]++(?:" + _TIMED_TOKEN + rb"){0,8}?)??"
    # the level: an upper-case word, one in brackets, or one before a colon
    rb"(?=[\[(<|]|[{ \t]*+(?:" + INITIALS + rb"))(?:"
    rb"(?:\[[\w \#.\-]{1,40}+/|[\[(<{|]?[ \t]*+)(?=(?:" + UPPER + rb")(?:[ \t:\])>}|!]|\{|\[))"
    rb"|[\[(<|][ \t]*+(?:[\w.\-]*+[:#])?(?=(?:" + LOWER + rb")[ \t]*+[\])>|])"
    rb"|(?=(?:" + LOWER + rb"): )"
    rb")((?>[Ff]atal error|[A-Za-z]++\d?))"
    # a message
    rb"(?![ :]*+[-+]?[\d.,]++(?:[eE][-+]?\d++)?[ ]?%?[ \t]*+(?:\n|\Z)"
    rb"|[ :]++" + SETTING + rb"[ \t]*+(?:\n|\Z)|\((?!s\))|[: ]*\[[A-Z][:\]])"
).decode()  # fmt: skip
"""A header that begins with a time, in most of its forms; its group is the level. It is a part of
what `header_slot` finds, at the cost of one match. With a time, what is in the place of a level is
one; only a lower-case word before a number or a setting's value alone is none."""

TIME: Final = re.compile(
    rb"\d{1,4}[-/:.]\d\d?[-/:.]\d|\b\d\d?:\d\d(?!\d)|\d{8,}|\d{6}[ _-]\d{6}|\d{4}/\d{6}"
    rb"|\[ *\d+\.\d{3,}\]|\d\.\d+e\+09\b"
    rb"|" + MONTH + rb"[a-z]*\.?[ ]+\d|\d[-/ ]" + MONTH
)  # fmt: skip
"""Finds a time, or what is one with some goodwill."""
# `app.db    : INFO     text`: what Python's `%(name)-10s: %(levelname)-8s` prints; `status : ERROR`
# is a pair.
_NAME_COLON = re.compile(
    rb"[\w.\-]+[ \t]+:[ \t]+(?:DEBUG {4}|INFO {5}|WARNING {2}|ERROR {4}|CRITICAL |[A-Z]+[ \t]+[:"
    rb"|\-][ \t])"
)
_COMPOSE = rb"[\w.\-]+[ \t]+\|[ \t]+"
_UNTIMED = re.compile(
    rb"[ \t]*(?:" + _COMPOSE + rb"|\d{1,12}[ ]+(?=\[)"
    rb"|[\w.\-]{1,60}[ ]+(?=[\w./\-]{1,60}\[\d{1,9}\]:[ ]))?(?:" + _SYMBOL + rb"+[ \t]*)?(?:"
    + _BRACKET + rb"""|[^\s"'=\[({<][^\s"'=]*:[ \t]+|[^\s"'=\[({<][^\s"'=]*[ \t]+[-|]+[ \t]+"""
    + rb"|\#\d+[ ](?:\d+\.\d+[ ])?|PHP[ ]"
    + rb"|[\w\-]+\.[\w.\-]+[ \t]+(?=[\[(]))*[\[(<{|]?[ \t]*"
)  # fmt: skip
_ANGLED = re.compile(rb"<[A-Z]{3,8}> (?!.*</)")  # no XML
# `app.db WARNING text`: what Python's `%(name)s %(levelname)s` prints; `no ERROR found` is prose.
_LOGGER = re.compile(
    rb"(?!(?:an?|and|any|as|by|each|every|for|found|from|get|gets|got|has|if|in|is|level|many|no"
    rb"|not|of|on|or|raise[ds]?|return(?:s|ed)?|sets?|some|status|the"
    rb"|throws?|to|use|was|when|with)[ \t])[a-z_][\w\-]*(?:\.\w+)*[ \t]+"
)
_OPENING: Final = (b"[", b"(", b"<", b"{", b"|")
_NO_PREFIX = re.compile(rb"[^\w]*")
_CORE = frozenset(
    b"DEBUG INFO WARNING WARN WARNI CRITI ERROR CRITICAL FATAL SEVERE TRACE NOTICE VERBOSE".split()
)
# `error: 0.012` is a figure and `debug: false` a setting, not a message.
_COUNT = re.compile(rb"[ :]*(?:[-+]?[\d.,]+(?:[eE][-+]?\d+)?[ ]?%?|" + SETTING + rb")[ \t]*$")
_METRIC = re.compile(
    rb"(?<!INFO)[ ](?:RATES?|COUNTS?|SUMMARY|TOTALS?|RATIO|rates?|counts?|summary|totals?"
    rb"|ratio)(?:[ \t]*(?:[:=(]|$)|[ \t]+[-+]?\d)"
    rb"|(?:[ \t]{1,8}[-+]?\d[\d.]{0,15}(?:[eE][-+]?\d+)?%?){2,8}$"
    # a setting; a row of a table of counts, as pandas prints it
    rb"|[ ]={1,2}[ ]|[ ]{2,40}\d{1,9}$"
)


@functools.cache
def _any_word() -> re.Pattern[bytes]:
    """Finds a level word that stands for itself: by first letter, which `re` finds quickly."""
    words = {form for word in NAMES for form in (word, word.capitalize(), word.upper())}
    by_first = {
        first: sorted((word[1:] for word in words if word[:1] == first), reverse=True)
        for first in sorted({word[:1] for word in words})
    }
    return re.compile(
        rb"|".join(
            first + rb"(?<![A-Za-z]" + first + rb")(?:" + rb"|".join(rest) + rb")(?![A-Za-z])"
            for first, rest in by_first.items()
        )
    )


def names_level(head: bytes) -> bool:
    """Whether a line that begins so may have a header: it has a word for a level."""
    return _any_word().search(head) is not None


class Slot(NamedTuple):
    """Where a general header has its level."""

    level: int  # -1: there is a word for one, but it does not count
    marked: bool  # the word is an upper-case or a bracketed one


def header_slot(head: bytes) -> Slot | None:
    """The slot of a general header: ``[time] [names, numbers, brackets] LEVEL message``."""
    found = _HEADER().match(head)
    if found is None:
        return None
    group = found.lastindex or 0
    start, end = found.span(group)
    prefix, upper = head[:start], group == _UPPER_GROUP
    if prefix[:1] in DIGITS and (earlier := timed_level(head, start)) >= 0:
        # `10:00:00,123:INFO:got an ERROR`
        return Slot(earlier, marked=False)
    word = found[group]
    level = NAMES[word.lower()]
    if (_METRIC.match(head, end) and not _is_timed(prefix)) if upper else _COUNT.match(head, end):
        level = -1
    elif prefix[:1] in (b"|", b"<") and not _is_timed(prefix) and _ANGLED.match(head) is None:
        level = -1  # a table, XML
    elif _NO_PREFIX.fullmatch(prefix):
        if not _counts_alone(group, word, prefix, head[end : end + 1]):
            level = -1
        elif word == b"FAILURE":
            level = ERROR  # Gradle's; in a column, Blue Gene's, it is the worst there is
    elif not (_counts_untimed(head, prefix, word, end, group) or _is_timed(prefix)):
        level = -1
    return Slot(level, upper or group == _BRACKET_GROUP)


def _is_timed(prefix: bytes) -> bool:
    return TIME.search(prefix) is not None


def _counts_untimed(head: bytes, prefix: bytes, word: bytes, end: int, group: int) -> bool:
    """Whether a level counts that ends at `end`, behind a prefix without a time."""
    if group == _UPPER_GROUP and prefix[-1:] not in _OPENING and not head[end:].strip():
        return False  # a name and an upper-case word alone are no record
    named = word in _CORE and _LOGGER.fullmatch(prefix) is not None
    return named or _counts_behind(group, prefix) or _NAME_COLON.match(head) is not None


def _counts_behind(group: int, prefix: bytes) -> bool:
    """Whether a level counts behind names and brackets without a time.

    ``file.c:3: error: text`` does; ``status: ERROR`` is a pair, not a record.
    """
    return group != _COLUMN_GROUP and _UNTIMED.fullmatch(prefix) is not None


def _counts_alone(group: int, word: bytes, prefix: bytes, after: bytes) -> bool:
    """Whether a level at the very start of a line counts.

    `NOTE that` and `error Could not` are prose, `ERROR text` and `NOTE: text` are not.
    """
    if group != _UPPER_GROUP:
        return group != _COLUMN_GROUP or (prefix[:1] == b"\xe2" and after == b" ")
    return word in _CORE or prefix[-1:] in _OPENING or after in (b":", b"!", b"|", b"[", b"\t")


DIGITS: Final = b"0123456789["
"""A time begins so."""
_GLUED = re.compile(rb"[:|;,\-](?=[ ]?[A-Z]{3})|\|")
_FIELDS = re.compile(rb"[|;,:\]]|-(?=[A-Za-z])|(?<=[A-Za-z])-|[ \t]-[ \t]")
_DATED = re.compile(
    rb"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[ ]?[+\-]\d\d:?\d\d)?\]?[ ]"
    rb"([Dd]ebug|[Ii]nfo|[Ww]arn(?:ing)?|[Ee]rror|[Cc]ritical)[ ](?=\S)(?!(?:rates?|counts?"
    rb"|summary|totals?|ratio)\b)"
)
# Behind a process, as a tutorial has it (`%(process)d-%(levelname)s-%(message)s`); behind a time
# and a host: Locust.
_GLUED_ONCE = re.compile(
    rb"(?:\d{1,7}-|\[[\d\-:., T]{8,40}\] [\w.\-]{1,80}/)(DEBUG|INFO|WARNING|ERROR"
    rb"|CRITICAL)[\-/](?=\S)"
)


def timed_level(head: bytes, stop: int) -> int:
    """The level in the first `stop` bytes where no general header has one.

    Fields glued by separators (``10:00:00,123:root:INFO:text``, ``...|ERROR|...``), or a lower-case
    word behind a whole date and time and nothing else; -1 if there is none.
    """
    found = _DATED.match(head, 0, stop)
    if found is not None and not _COUNT.match(head, found.end() - 1):
        return NAMES[found[1].lower()]
    found = _GLUED_ONCE.match(head, 0, stop)
    if found is not None:
        return NAMES[found[1].lower()]
    head = head[:stop]
    if _GLUED.search(head) is None:
        return -1
    start = 0
    for separator in _FIELDS.finditer(head, 0, 160):
        field = head[start : separator.start()].strip(b" \t[")
        if field and not field[:1].isdigit():
            if field.isupper() or separator[0] == b"|":
                level = NAMES.get(field.lower(), -1)
                if level >= 0:
                    return level if TIME.search(head, 0, start) else -1
            if field.count(b" ") > 1:
                return -1
        start = separator.end()
    return -1


STEPS: Final = (_any_word, _HEADER)
"""Each compiles a pattern."""
