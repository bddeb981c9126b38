"""Records without a time at their start, or with one of a program's own: the level and its place.

As in `records`, no pattern may match beyond the end of a line, and two that match the same line
must give it the same level.
"""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import Format
from prismq_nb.journal.levels.grammar.pieces import NO_LEVEL, STAMP
from prismq_nb.journal.levels.grammar.words import SETTING

_LEVEL: Final = "(DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|TRACE|NOTICE|VERBOSE)"
_MESSAGE: Final = (
    r" (?=[A-Za-z])(?!(?:[Rr][Aa][Tt]|[Cc][Oo][Uu]|[Ss][Uu][Mm]|[Tt][Oo][Tt]))"
    r"(?![^:\n]{0,300}\.py:\d)"
)
"""A message: no figure, and no warning of Python, below which stands its code."""
FORMATS: Final = (
    Format(
        "a thread, the level",
        "https://docs.python.org/3/library/logging.html#logrecord-attributes",
        {
            r"\[" + NO_LEVEL + r"[a-z][\w\-]{0,40}\] " + _LEVEL + _MESSAGE: (
                "E [main] ERROR com.example.Main - it broke"
            ),
            r"\([A-Z][\w\-]{1,40}\) " + _LEVEL + _MESSAGE: "E (MainThread) ERROR broken",
        },
    ),
    Format(
        "a logger or a place, the level",
        "https://docs.python.org/3/library/logging.html#logrecord-attributes",
        {
            NO_LEVEL + r"[a-z_][\w.\-]{1,60} - " + _LEVEL + " - (?=[A-Za-z])": (
                "E app.module - ERROR - broken"
            ),
            NO_LEVEL + r"[a-z_][\w.\-]{1,60}:\d{1,6} \| " + _LEVEL + r" +\| ": (
                "E main.py:12 | ERROR | broken"
            ),
            NO_LEVEL + r"[a-z_][\w\-]{0,40}(?>(?:\.[\w\-]{1,40}){1,9}) \[" + _LEVEL + r"\] ": (
                "E app.module [ERROR] broken"
            ),
        },
    ),
    Format(
        "a place in braces, the level",
        "https://airflow.apache.org/docs/",
        {
            r"\{[a-z_][\w\-]{0,60}\.py:\d{1,6}\} " + _LEVEL + " - (?=[A-Za-z])": (
                "D {main.py:12} DEBUG - seen"
            ),
        },
    ),
    Format(
        "NCCL, a host and the level",
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html#nccl-debug",
        {
            NO_LEVEL + r"[a-z][\w\-]{0,60}:\d{1,9}:\d{1,9} \[\d{1,4}\] NCCL "
            "(ERROR|INFO|TRACE|WARN) ": (
                "I node1:123:456 [0] NCCL INFO cudaDriverVersion 12020"
            ),
        },
    ),
    Format(
        "PHP, warnings",
        "https://www.php.net/manual/en/errorfunc.constants.php",
        {
            "PHP (Warning|Notice): {1,2}(?=[A-Za-z])(?!" + SETTING.decode() + "(?![A-Za-z]))": (
                "W PHP Warning:  foo in /x.php on line 3"
            ),
        },
    ),
    Format(
        "Weights & Biases, messages",
        "https://docs.wandb.ai/",
        {"wandb: (WARNING|ERROR)" + _MESSAGE: "E wandb: ERROR Run failed"},
    ),
    Format(
        "structlog, without a time",
        "https://www.structlog.org/en/stable/console-output.html",
        {r"\[(debug|info|warning|error|critical) +\] ": "E [error    ] broken     key=1"},
    ),
    Format(
        "logfmt, the level first",
        "https://pkg.go.dev/github.com/kr/logfmt",
        {r"(?:level|lvl)=[\"']?([A-Za-z]++)[\"']? ++(?=[^\s])": "E level=error msg=broken"},
    ),
    Format(
        "Cassandra before 4",
        "https://cassandra.apache.org/doc/latest/cassandra/troubleshooting/reading_logs.html",
        {
            _LEVEL + r" +\[[^\]\n]{1,60}\] \d{4}-\d\d-\d\d \d": (
                "E ERROR [main] 2024-01-02 10:00:00,123 CassandraDaemon.java:1 - it broke"
            ),
        },
    ),
    Format(
        "OpenStack",
        "https://docs.openstack.org/oslo.log/latest/",
        {
            NO_LEVEL + r"[a-z][\w.\-:]{1,80} " + STAMP + r" \d{1,7} " + _LEVEL + " ": (
                "W nova-api.log 2017-05-16 00:00:00.008 25746 WARNING nova.virt [req-1] careful"
            ),
        },
    ),
    Format(
        "Blue Gene/L",
        "https://github.com/logpai/loghub/tree/master/BGL",
        {
            r"(?:-|" + NO_LEVEL + r"[A-Z]{3,20}) \d{10} \d{4}\.\d\d\.\d\d \S{1,40} "
            r"\d{4}-\d\d-\d\d-[\d.]{8,20} \S{1,40} RAS " + NO_LEVEL
            + "[A-Z]{2,20} (INFO|WARNING|ERROR|FATAL|SEVERE|FAILURE) ": (
                "I - 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1 "
                "RAS KERNEL INFO instruction cache parity error corrected"
            ),
        },
    ),
    Format(
        "logrus",
        "https://github.com/sirupsen/logrus",
        {
            r"(TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d{4,9}\] ": (
                "W WARN[0003] careful                      key=1",
            ),
        },
    ),
    Format(
        "zerolog",
        "https://github.com/rs/zerolog",
        {r"\d{1,2}:\d\d[AP]M (TRC|DBG|INF|WRN|ERR|FTL|PNC) ": "E 3:04PM ERR broken key=1"},
    ),
    Format(
        "rustc",
        "https://doc.rust-lang.org/error_codes/",
        {r"(error|warning)\[[A-Z]\d{4}\]: ": "E error[E0308]: mismatched types"},
    ),
    Format(
        ".NET",
        "https://learn.microsoft.com/dotnet/core/extensions/console-log-formatter",
        {
            r"(trce|dbug|info|warn|fail|crit): [A-Z][\w.]{1,100}\[\d{1,9}\]": (
                "E fail: Microsoft.AspNetCore.Server.Kestrel[13]"
            ),
        },
    ),
    Format(
        "Zephyr",
        "https://docs.zephyrproject.org/latest/services/logging/",
        {
            r"\[\d\d:\d\d:\d\d\.\d{3},\d{3}\] <(dbg|inf|wrn|err)> ": (
                "W [00:00:00.000,000] <wrn> bt_hci: careful"
            ),
        },
    ),
    Format(
        "Monolog, Laravel",
        "https://github.com/Seldaek/monolog",
        {
            r"\[" + STAMP + r"\] [a-z]{1,20}\." + _LEVEL + ": ": (
                "E [2024-01-02T10:00:00.000000+00:00] app.ERROR: broken [] []"
            ),
        },
    ),
    Format(
        "Microsoft's compilers",
        "https://learn.microsoft.com/visualstudio/msbuild/msbuild-diagnostic-format-for-tasks",
        {
            r"[\w./\\\-]{1,160}\(\d{1,7}(?:,\d{1,7})?\): (error|warning) [A-Z]{1,5}\d{1,6}: ": (
                "E src/a.ts(3,5): error TS2304: Cannot find name 'x'.",
            ),
            r"[\w./\\\-]{1,160}:\d{1,7}:\d{1,7} - (error|warning) [A-Z]{1,5}\d{1,6}: ": (
                "E src/a.ts:3:5 - error TS2304: Cannot find name 'x'.",
            ),
        },
    ),
    Format(
        "transformers, messages",
        "https://huggingface.co/docs/transformers/main_classes/logging",
        {
            r"\[" + _LEVEL + r"\|[\w.\-]{1,80}:\d{1,6}\] \d{4}-": (
                "W [WARNING|trainer.py:123] 2024-01-02 10:00:00,000 >> careful"
            ),
        },
    ),
    Format(
        "Airflow 1",
        "https://airflow.apache.org/docs/",
        {
            r"\[\d{4}-\d\d-\d\d, \d\d:\d\d:\d\d [A-Z]{3,4}\] \{[\w.:\-]{1,80}\} "
            + _LEVEL + " - ": (
                "E [2024-01-02, 10:00:00 UTC] {taskinstance.py:1234} ERROR - Task failed"
            ),
        },
    ),
    Format(
        "HAProxy",
        "https://docs.haproxy.org/",
        {r"\[(ALERT|WARNING|NOTICE)\] +\(\d{1,9}\) : ": "C [ALERT]    (1) : config : parsing"},
    ),
    Format(
        "terraform, Julia: messages in a frame",
        "https://docs.julialang.org/en/v1/stdlib/Logging/",
        {"(?:┌|│) (Error|Warning|Info|Debug): (?=[A-Za-z])": "W ┌ Warning: careful"},
    ),
)  # fmt: skip
