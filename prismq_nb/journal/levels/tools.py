r"""How the lines of single tools begin, with the level that each beginning means.

Apart from `shapes` because this is a table that grows. What these patterns say of a line must follow from what they match and one byte more:
`heads` remembers it for all lines that begin so. So their repetitions are lazy or end at what they cannot hold, and no two of them can begin
alike. Each must also be out of reach of `prefilter`. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.words import MONTH, lazily

__all__ = ["TOOLS", "TOOL_FIRST"]

_CHROMIUM = rb"\[\d+:\d+:\d{4}/\d{6}\.\d+:"
_REDIS = rb"\d+:[A-Z] \d\d? \w{3} (?:\d{4} )?\d\d:\d\d:\d\d\.\d+ "
_KERNEL = rb"[a-z]{1,9} {0,9}:"
_EVENT = rb"\d{1,2}/\d{1,2}/\d{4} \d"  # what the event viewer of Windows exports
_PACKAGE = rb"@?[\w./\-]{1,100}(?: > @?[\w./\-]{1,100}){0,5}@\d[\w.\-]*: "
_YARN_ERROR = (
    rb"Command failed |Command \"|An unexpected error occurred|Couldn't find |Found incompatible module|Your lockfile |Integrity check failed"
    rb"|Incorrect integrity|No lockfile |Received invalid|Missing list of packages|" + _PACKAGE
)
_YARN_WARNING = rb"package(?:-lock)?\.json[ :]|\"[^\"\n]{1,200}\" (?:has|is) |No license field|Lockfile has |Resolution field |" + _PACKAGE
# None of `FAILED 0`, `FAILED: 0 tests`, `FAILED (0)`.
_FAIL = rb"FAIL(?:ED)?[ :\t]+(?:\((?=[^\d\s])|(?=[^\d\s(])|\(?[1-9]|$)|FAIL$"
_TOOLS: Final = {
    "critical": (
        rb"panic: |--> FOAM FATAL |fatal (?:runtime )?error: |Fatal Python error: |(?:PHP )?Fatal error: |goroutine \d+ \[|\[signal SIG",
        rb"=(?:CRASH|CRITICAL|ALERT|EMERGENCY) REPORT=|(?:ALERT|CRIT|EMERG|PANIC) {1,8}: ",
        rb"(?:LINK|LIB) : fatal error |nvcc fatal {0,9}: |critical libmamba |Critical," + _EVENT,
        _KERNEL + rb"(?:emerg|alert|crit) {0,9}: |" + _CHROMIUM + rb"FATAL:",
    ),
    "error": (
        rb"ninja: build stopped: |/usr/bin/(?:[\w\-]{1,40}-)??ld: (?!warning: )",
        rb"npm (?:ERR!|error\b)|\#\#\[error\]|::error(?: [^\n:]{1,200}?)?::|note: (?:Some [a-z ]{1,20}, )?run with `RUST_|make(?:\[\d+\])?: \*\*\* ",
        rb"dpkg(?:-\w+)?: error |CMake Error\b|--- FAIL: |" + _FAIL + rb"|thread '[^'\n]{0,200}' (?:\(\d+\) )?panicked at ",
        rb"(?:PHP )?Parse error: |(?:LINK|LIB) : error |nvcc error {0,9}: |Unhandled [Ee]xception(?:[.:]| (?=[^\drc])| ca)|Error from server",
        rb"Uncaught (?:exception\b|err|[A-Za-df-z\d_.])",
        rb"Error in .{1,200}? ?:|Error in \S{1,200} \(line \d+\)|Error using \S|> Task :\S{1,200} FAILED\b|log4j:ERROR ",
        rb"SLF4J\(E\): |SLF4J: Failed |==\d+==ERROR: |E {3,24}[A-Za-z+\-?^>{}\[\]()'\"]|(?:ERR_[A-Z\d_]+|ELIFECYCLE) {2}|Exception in thread \"",
        rb"=(?:ERROR|SUPERVISOR) REPORT=",
        rb"\xe2\x95\xad\S{0,200} Traceback \(most recent call last\)|" + _KERNEL + rb"err {0,9}: |" + _CHROMIUM + rb"ERROR:",
        rb"(?:docker: )?Error response from daemon: |failed: \[[^\]\n]{1,200}\] (?:=> |\(item=)|INTERNALERROR> |Err:\d+ [a-z]+:|rsync error: ",
        rb"(?:up|down)load failed: (?:s3://|\.{0,2}/)|Error \d{1,5}: [A-Za-z]|Error," + _EVENT,
        rb"error +libmamba |Module not found: Error: |LibClamAV Error: |CPLEX Error +\d+: |(?:SCRIPT|USER|SHADER) ERROR: ",
        rb"! (?:(?:LaTeX|Package|Class) [^\n]{0,80}?Error: |Undefined control|Emergency stop)|\*\* \((?:EXIT |exit\)|(?:[\w.]+Error|Mix)\) )",
        rb"error (?:" + _YARN_ERROR + rb")",
    ),
    "warning": (
        rb"npm (?:WARN|warn)\b|\#\#\[warning\]|::warning(?: [^\n:]{1,200}?)?::|--> FOAM Warning |CMake (?:Deprecation )?Warning\b",
        rb"(?:In addition: )?Warning messages?:|Warning in .{1,200}? ?:|LaTeX (?:\w+ )?Warning: |\[DEPRECATION WARNING\]|=WARNING REPORT=",
        rb"(?:LINK|LIB) : warning |nvcc warning {0,9}: |log4j:WARN |SLF4J\(W\): |(?:OpenJDK|Java HotSpot)[^:\n]{1,60} warning: ",
        rb"\(node:\d+\) (?:\[\w+\] )?\w*Warning: |\(Use `node --trace-[wd]|\(!\) |==\d+==WARNING: |" + _REDIS + rb"# ",
        _KERNEL + rb"warn {0,9}: |" + _CHROMIUM + rb"WARNING:",
        rb"rsync warning: |LibClamAV Warning: |(?:Package|Class) \S{1,80} Warning: |(?:USER|SCRIPT) WARNING: ",
        rb"(?:PHP )?(?:Deprecated|Strict Standards): ",
        rb"warning +libmamba |Warning," + _EVENT,
        rb"Warning \d{1,5}(?: \[[\w\-]+\])?: [A-Za-z]",
        rb"\d+[smhd](?:\d+[smh])? {2,}Warning {2,}[A-Z]\w+ {2,}[a-z]",  # kubectl get events
        rb"warning (?:" + _YARN_WARNING + rb")",
    ),
    "info": (
        rb"npm (?:notice|info|http)\b|::notice(?: [^\n:]{1,200}?)?::|=(?:INFO|NOTICE|PROGRESS) REPORT=",
        rb"SLF4J\(I\): |" + _REDIS + rb"[*] |" + _CHROMIUM + rb"INFO:",
        _KERNEL + rb"(?:notice|info) {0,9}: |" + MONTH + rb" \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M [\w.$]+ \S+$",
        rb"CONFIG: |SUCCESS (?:: |\[\d)",
        rb"info +libmamba |\[M::[\w.]+\] |frame= *\d+ fps=|size= *\d+(?:kB|KiB) time=|\[Parallel\(n_jobs=-?\d+\)\]: ",  # ... bwa, ffmpeg, joblib
    ),
    "debug": (
        rb"=DEBUG REPORT=",
        rb"npm (?:verb|sill|timing)|\#\#\[debug\]|::debug::|SLF4J\([DT]\): |" + _REDIS + rb"[-.] |" + _KERNEL + rb"debug {0,9}: ",
    ),
}  # fmt: skip

#: Which level a beginning means: the name of the group that matched.
TOOLS = lazily(b"|".join(b"(?P<%s>%s)" % (level.encode(), b"|".join(patterns)) for level, patterns in _TOOLS.items()))
#: How all of these begin: with their words, the `12:M` of Redis, months.
TOOL_FIRST = re.compile(
    rb"ninja: b|/usr/bin/"
    rb"|p(?=anic: )|f(?=atal [er]|ailed: \[|rame=)|g(?=oroutine )|n(?=pm |vcc |ote: [rS])|\#\#\[|::[ewnd]|make(?=:|\[)|dpkg|thread '|F(?=atal |AIL)"
    rb"|PHP |Parse |\[(?=signal |DEP|M::|Parallel\(|\d+:\d+:\d{4}/)|=(?=[A-Z=])|C(?=Make |ONFIG: |RIT )|ALERT |EMERG |PANIC |Depr|Stri|--[->] "
    rb"|U(?=nhan|ncaug|SER )|E(?=rror[ ,]|rr:|xception in|RR_|LIF| {3})|\xe2\x95\xad|In add|W(?=arning[ ,])|LaT|LI(?=NK|B)"
    rb"|log4j:|SLF4J|OpenJ|Java H|\((?=node:|Use|!)|> T|\d+:[A-Z] |" + MONTH + rb" \d\d?,"
    rb"|(?:error|warning|info|critical) |docker: E|size=|INTERNALE|rsync |Module n|\d+[smhd]|Critical,|LibC|CPLEX"
    rb"|S(?=CRIPT |HADER |UCCESS )|[!*] ?[*\w]"
    rb"|(?:up|down)load f|Package |Class |[a-z]{1,9} *:[ewnicad]"
)  # fmt: skip
