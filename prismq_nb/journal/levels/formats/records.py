"""Records of loggers: a time, perhaps names, and the level, in the usual orders.

They come first in the table, and a run of them is classified at once. So no pattern may match
beyond the end of a line, or what more than one line decides; and where two match the same line they
must give the same level. What stands in another order gets its level from the general header, which
takes longer.
"""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LETTERS, Format
from prismq_nb.journal.levels.grammar.header import TIMED_HEADER
from prismq_nb.journal.levels.grammar.json_lines import PLAIN_OBJECT, member_level
from prismq_nb.journal.levels.grammar.logfmt import PAIRS_AND_LEVEL
from prismq_nb.journal.levels.grammar.pieces import (
    DAY_CLOCK,
    MONTH,
    NO_LEVEL,
    STAMP,
)
from prismq_nb.journal.levels.grammar.words import SETTING, SYSLOG

_LEVEL: Final = "(DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE|NOTICE|SEVERE|SUCCESS|VERBOSE)"
_CORE: Final = "(DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|TRACE|NOTICE|VERBOSE)"
"""Those that count alone at the start of a line."""
_SMALL: Final = "(debug|info|warn(?:ing)?|error|fatal|notice|Error|Warning|Info|Fatal)"
_TEXT: Final = r": (?=[A-Za-z'\"`/*])(?!" + SETTING.decode() + "(?![A-Za-z]))"
"""A message, and no setting: `debug: false`."""
_LOWER: Final = "(debug|info|notice|warn(?:ing)?|error|crit(?:ical)?|alert|emerg|fatal|trace)"
_NAME: Final = (
    NO_LEVEL + r"[\w$<>\-]{1,60}(?>(?:\.(?![A-Z]{3}|emerg|alert|crit|err|warn|notice|info|debug)"
    r"[\w$<>\-]{1,60}){0,9})"
)
_BRACKET: Final = r"\[(?![A-Za-z]\])" + NO_LEVEL + r"[^\]\n/:#]{1,60}\] "
_NO_LETTER: Final = r"(?: (?! *\[[A-Z][:\]])|:(?! *\[[A-Z][:\]]|[\w.\-]{0,60}:[A-Z]:))"
"""What follows a level that stands behind a time, unless it is a name and a letter the level."""
_PYTHON: Final = "https://docs.python.org/3/library/logging.html"
FORMATS: Final = (
    Format(
        "time, level",
        "https://docs.python.org/3/howto/logging.html",
        {
            STAMP + r" +" + _LEVEL + _NO_LETTER: (
                "E 2024-01-02 10:00:00,123 ERROR app.module: cannot open",
                "I 2024/01/02 10:00:00 INFO request done id=3",
                "W 2024-01-02T10:00:00.000Z  WARN 1 --- [main] c.e.App : careful",
            ),
            DAY_CLOCK + " +" + _LEVEL + _NO_LETTER: "W 10:00:00 WARNING  app.module careful",
            r"\d\d/\d\d/\d\d " + DAY_CLOCK + " " + _LEVEL + "[ :]": (
                "I 17/06/09 20:10:48 INFO storage.BlockManager: Found block rdd_2_1 locally"
            ),
            r"\d{6} \d{6} \d{1,6} " + _LEVEL + " ": (
                "W 081110 103402 18 WARN dfs.FSDataset: Unexpected error trying to delete"
            ),
        },
    ),
    Format(
        "Python logging, names between dashes",
        "https://docs.python.org/3/howto/logging.html",
        {
            STAMP + r" - (?:" + _NAME + r" - ){1,3}?" + _LEVEL + " - ": (
                "W 2024-01-02 10:00:00,123 - app.module - WARNING - disk almost full",
                "E 2024-01-02 10:00:00,123 - MainThread - root - ERROR - broken",
            ),
        },
    ),
    Format(
        "Python logging, basicConfig",
        _PYTHON,
        {_LEVEL + r":[\w.\-]{1,60}:": "E ERROR:my.module:it broke"},
    ),
    Format(
        "level, colon",
        "https://docs.python.org/3/howto/logging.html",
        {
            _LEVEL + ": ": ("I INFO: no errors found", "W WARNING: Low memory"),
            _SMALL + _TEXT: (
                "E error: cannot open file",
                "W warning: unused variable: `x`",
                "C fatal: not a git repository",
            ),
        },
    ),
    Format(
        "level in brackets",
        "https://maven.apache.org/maven-logging.html",
        {
            r"\[" + _LEVEL + r"\] (?![^:\n]{0,300}\.py:\d)": "E [ERROR] Failed to execute goal",
            r"\[" + _SMALL + r"\] (?![^:\n]{0,300}\.py:\d)": "W [warn] one deprecation",
        },
    ),
    Format(
        "level, then names",
        "https://docs.pytest.org/en/stable/how-to/logging.html",
        {
            _CORE + r" {2,}[\w.\-]{1,60}:[\w.\-]{1,60}:\d+ ": "E ERROR    root:cli.py:12 broken",
            _CORE + " - (?=[A-Za-z])(?![^:\\n]{0,300}\\.py:\\d)": "C CRITICAL - the end",
        },
    ),
    Format(
        "loguru",
        "https://loguru.readthedocs.io/en/stable/",
        {
            STAMP + r" \| " + _LEVEL + r" *\| ": (
                "W 2024-01-02 10:00:00.123 | WARNING  | __main__:<module>:1 - careful"
            ),
        },
    ),
    Format(
        "structlog, nginx",
        "https://nginx.org/en/docs/ngx_core_module.html#error_log",
        {
            STAMP + r" \[" + _LOWER + r" *\] ": (
                "W 2024-01-02 10:00:00 [warning  ] careful                        key=error",
                "E 2024/01/02 10:00:00 [error] 12#0: *3 open() failed",
            ),
            r"\d{4}-\d\d-\d\d \d\d:\d\d\.\d\d \[" + _LOWER + r" *\] ": (
                "W 2024-01-02 10:00.00 [warning  ] careful                        key=error"
            ),
        },
    ),
    Format(
        "Logback, Log4j, Scrapy: a thread or a logger in brackets",
        "https://logback.qos.ch/manual/layouts.html",
        {
            STAMP + " (?:" + _BRACKET + "){1,3}" + _LEVEL + "[ :]": (
                "D 2024-01-02 10:00:00 [scrapy.core.engine] DEBUG: Crawled (200)",
            ),
            STAMP + " (?:" + _BRACKET + r"){0,2}\[" + _LEVEL + r"\] ": (
                "E 2024-01-02 10:00:00,123 [ERROR] app: cannot open"
            ),
        },
    ),
    Format(
        "Gunicorn, Celery, Airflow, env_logger: the time in brackets",
        "https://docs.gunicorn.org/en/stable/settings.html#errorlog",
        {
            r"\[" + STAMP + r"\] (?:" + _BRACKET + r"){0,2}\[" + _LEVEL + r"\] ": (
                "E [2024-01-02 10:00:00 +0000] [1234] [ERROR] Worker failed to boot"
            ),
            r"\[" + STAMP + ": " + _LEVEL + "/[A-Z][a-z]": (
                "W [2024-01-02 10:00:00,000: WARNING/MainProcess] No hostname was supplied."
            ),
            r"\[" + STAMP + r"\] \{[\w.:\-]{1,80}\} " + _LEVEL + " ": (
                "W [2024-05-01T10:00:00.123+0000] {dag.py:312} WARNING - Dag has no tasks"
            ),
            r"\[" + STAMP + " " + _LEVEL + r" +[\w:]": (
                "W [2024-01-02T10:00:00Z WARN  my_crate::net] careful"
            ),
        },
    ),
    Format(
        "fields between separators",
        "https://docs.python.org/3/howto/logging.html",
        {
            STAMP + r"[|:]" + _LEVEL + r"[|:]": (
                "W 2024-01-02 10:00:00,123:WARNING:careful",
                "E 2024-01-02 10:00:00.1234|ERROR|App.Program|broken",
            ),
            STAMP + ":" + NO_LEVEL + r"[\w.]{1,60}:" + _LEVEL + ":": (
                "W 2024-01-02 10:00:00,123:root:WARNING:careful"
            ),
            r"\[" + STAMP + r"\]\[" + _LEVEL + r" *\]\[": (
                "W [2024-01-15T12:00:00,123][WARN ][o.e.b.JNANatives] [node-1] careful"
            ),
        },
    ),
    Format(
        "compilers and command lines: a place or a name, the level",
        "https://www.gnu.org/prep/standards/html_node/Errors.html",
        {
            NO_LEVEL + r"[\w./\-]{1,120}\.(?!(?:c|cc|cpp|cu|cxx|h|hh|hpp|m|mm):)[a-z]{1,5}"
            r"(?::\d{1,7}){1,2}: " + _SMALL + _TEXT: (
                "E a.py:3: error: Incompatible types in assignment"
            ),
            NO_LEVEL + r"[a-z][\w\-]{1,40}: " + _SMALL + _TEXT: (
                "E prog: error: the following arguments are required: x",
                "E slurmstepd: error: *** JOB 1234 ON n1 CANCELLED ***",
            ),
        },
    ),
    Format(
        "Apache",
        "https://httpd.apache.org/docs/current/mod/core.html#errorlogformat",
        {
            r"\[[A-Z][a-z]{2} " + MONTH + r" \d\d " + DAY_CLOCK
            + r" \d{4}\] \[[\w\-]{0,40}:" + _LOWER
            + r"\] ": "E [Tue Jan 02 10:00:00.123456 2024] [core:error] [pid 12:tid 1402] AH00126",
        },
    ),
    Format(
        "PostgreSQL",
        "https://www.postgresql.org/docs/current/runtime-config-logging.html",
        {
            STAMP + r" [A-Z]{3,4} \[\d{1,9}\] "
            r"(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):  ": (
                "E 2024-01-02 10:00:00.123 UTC [12] ERROR:  division by zero",
                "I 2024-01-02 10:00:00.123 UTC [12] LOG:  checkpoint starting: time",
            ),
        },
    ),
    Format(
        "Windows: CBS, DISM",
        "https://learn.microsoft.com/windows-hardware/manufacture/desktop/",
        {
            STAMP + ", (Info|Error|Warning) {2,}[A-Z]": (
                "E 2024-01-02 10:00:00, Error                 CBS    Failed to open"
            ),
        },
    ),
    Format(
        "glog",
        "https://github.com/google/glog#severity-levels",
        {
            r"([DIWEFC])(?:\d{4}|\d{6}|\d{8}) \d\d:\d\d:\d\d": (
                "E E0102 10:00:00.123456  1234 file.cc:33] cannot open"
            ),
        },
        LETTERS,
    ),
    Format(
        "logcat, threadtime",
        "https://developer.android.com/tools/logcat#outputFormat",
        {
            r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+ ++\d+ ++\d+ ([VDIWEFA]) ": (
                "E 01-02 10:00:00.123  1234  1240 E Zygote  : cannot open"
            ),
        },
        LETTERS,
    ),
    Format(
        "JSON",
        "https://www.rfc-editor.org/rfc/rfc8259",
        {
            PLAIN_OBJECT: (
                'E {"level": "error", "msg": "x"}',
                'I {"time": "2024-01-02T10:00:00Z", "level": "info", "msg": "level=error"}',
                'E {"level":50,"time":1700000000000,"pid":1,"hostname":"h","msg":"x"}',
            ),
        },
        member_level,
    ),
    Format(
        "logfmt",
        "https://pkg.go.dev/github.com/kr/logfmt",
        {
            PAIRS_AND_LEVEL: (
                'W time="2024-01-02T10:00:00Z" level=warning msg="level=error in it" n=3'
            ),
        },
    ),
    Format(
        "zap",
        "https://pkg.go.dev/go.uber.org/zap#NewDevelopmentEncoderConfig",
        {
            STAMP + r"\t(debug|info|warn|error|panic|fatal)\t": (
                "W 2024-01-02T10:00:00.123Z\twarn\tmain.go:12\tcareful"
            ),
        },
    ),
    Format(
        "syslog, with a facility",
        "https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1",
        {
            MONTH + r" [ \d]\d " + DAY_CLOCK + " (?:auth|authpriv|cron|daemon|kern|mail|syslog"
            r"|user|local[0-7])\.(emerg|alert|crit|err|warn(?:ing)?|notice|info|debug) ": (
                "E Jan  2 10:00:00 daemon.err dnsmasq[123]: failed to bind"
            ),
        },
    ),
    Format(
        "syslog, with a priority",
        "https://www.rfc-editor.org/rfc/rfc5424#section-6.2.1",
        {
            r"<(0\d\d|1[0-8]\d|19[01]|\d\d?)>": ("E <11>app: failed", "I <6>usb 1-1: new device"),
        },
        {
            form: SYSLOG[number & 7]
            for number in range(192)
            for form in (str(number), f"{number:02}", f"{number:03}")
        },
    ),
    Format(
        "time, names, level, in any layout",
        "https://docs.python.org/3/howto/logging.html",
        {
            TIMED_HEADER: (
                "E Jan  2 10:00:00 host sshd[123]: error: Received disconnect from 10.0.0.1",
                "E [10:00:00] [Server thread/ERROR]: broken",
                "E 2024-01-02T10:00:00.123Z\tERROR\tmain.go:12\tbroken",
                "I [Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok",
            ),
        },
    ),
)  # fmt: skip
