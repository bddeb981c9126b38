"""The table of log formats, by the lines on which each of them counts.

The entries are in `formats`, one module for each kind of program. Imports the standard library
only.
"""

from __future__ import annotations

from itertools import compress
from operator import not_
from typing import Final

from prismq_nb.journal.levels.formats import (
    builds,
    checks,
    failures,
    java,
    languages,
    layouts,
    loggers,
    packages,
    records,
    science,
    services,
    shells,
    training,
)
from prismq_nb.journal.levels.grammar.format import Format, FormatTable

FORMATS: Final[tuple[Format, ...]] = tuple(
    each
    for module in (
        records,
        layouts,
        loggers,
        languages,
        java,
        builds,
        checks,
        packages,
        services,
        science,
        training,
        shells,
        failures,
    )
    for each in module.FORMATS
)
_EARLY: Final = [each for each in FORMATS if not (each.late or each.indented or each.stderr)]
_PLAIN: Final = [each.is_plain for each in _EARLY]
RECORDS: Final = FormatTable(compress(_EARLY, _PLAIN))
"""Plain records, of which a run is classified at once."""
FIRST: Final = FormatTable(compress(_EARLY, map(not_, _PLAIN)))
"""The others that count before the general header."""
FALLBACKS: Final = FormatTable(each for each in FORMATS if each.late)
"""Where no header gives a level."""
NOTICES: Final = FormatTable(each for each in FORMATS if each.stderr and not each.indented)
"""Where nothing does, on stderr."""
INDENTED: Final = FormatTable(each for each in FORMATS if each.indented and not each.stderr)
INDENTED_NOTICES: Final = FormatTable(each for each in FORMATS if each.indented and each.stderr)
TABLES: Final = (RECORDS, FIRST, FALLBACKS, NOTICES, INDENTED, INDENTED_NOTICES)
