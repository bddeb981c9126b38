"""What the Java virtual machine and its logging libraries print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LETTERS, Format, notice
from prismq_nb.journal.levels.grammar.pieces import MONTH
from prismq_nb.journal.levels.grammar.words import ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "Java",
        "https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Thread.html",
        {
            'Exception in thread "': (
                'E Exception in thread "main" java.lang.NullPointerException: x'
            ),
        },
        ERROR,
    ),
    Format(
        "the JVM",
        "https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html",
        {
            r"OpenJDK[^:\n]{1,60} warning: ": "W OpenJDK 64-Bit Server VM warning: Sharin",
            r"Java HotSpot[^:\n]{1,60} warning: ": (
                "W Java HotSpot(TM) 64-Bit Server VM warning: ignoring option MaxPermSize"
            ),
        },
        WARNING,
    ),
    Format(
        "SLF4J",
        "https://www.slf4j.org/codes.html",
        {
            r"SLF4J\(([TDIWE])\): ": "W SLF4J(W): No SLF4J providers were found.",
        },
        LETTERS,
    ),
    Format(
        "SLF4J before 2.0",
        "https://www.slf4j.org/codes.html",
        {
            "SLF4J: Failed ": 'E SLF4J: Failed to load class "org.slf4j.impl.StaticLoggerBinder".',
        },
        ERROR,
    ),
    Format(
        "log4j 1",
        "https://logging.apache.org/log4j/1.x/manual.html",
        {
            "log4j:(ERROR|WARN) ": (
                "E log4j:ERROR Could not find value for key log4j.appender.x",
                "W log4j:WARN No appenders could be found for logger (org.apache.kafka).",
            ),
        },
    ),
    Format(
        "java.util.logging",
        "https://docs.oracle.com/en/java/javase/21/core/java-logging-overview.html",
        {
            "CONFIG: ": "I CONFIG: java.io.tmpdir is /var/tmp",
            MONTH + r" \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M [\w.$]+ \S+$": (
                "I Jan 15, 2024 12:00:00 PM org.apache.catalina.core.StandardService startInternal"
            ),
        },
        INFO,
    ),
    notice(
        "the JVM, notices",
        "https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html",
        {
            r"Picked up _?J\w+OPTIONS: ": "I Picked up JAVA_TOOL_OPTIONS: -Xmx1g",
            "openjdk version ": 'I openjdk version "17.0.9" 2023-10-17',
            "java version ": 'I java version "1.8.0_391"',
            r"OpenJDK (?:Runtime Environment|\d\d-Bit Server VM|Server VM) \(": (
                "I OpenJDK Runtime Environment (build 17.0.9+9-Debian-1deb12u1)"
            ),
            r"Java\(TM\) SE Runtime Environment ": (
                "I Java(TM) SE Runtime Environment (build 1.8.0_391-b13)"
            ),
        },
    ),
    notice(
        "SLF4J bindings",
        "https://www.slf4j.org/codes.html",
        {
            r"SLF\dJ: (?:Class path contains|Found binding in|See http|Actual binding"
            "|Defaulting to)": "I SLF4J: Class path contains multiple SLF4J bindings.",
        },
    ),
)
