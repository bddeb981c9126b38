"""What well-known tools print to stderr that is no error: traces, banners, progress, notices.

A line of stderr without a level is an ERROR; these are known by their full beginnings. A table that
grows: each entry is literal text with which the line begins, and a pattern for what follows. The
samples are in ``tests/journal/samples/notes.txt``. Pure functions of one line. Imports the standard
library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from prismq_nb.journal.level_words import INFO, WARNING, lazily

__all__ = ["FIRST", "INDENTED_FIRST", "PARAGRAPH", "SYMBOLS", "note_level"]

_NOTES: Final = {
    # bash and zsh: `set -x`, with the usual PS4; `time`; jobs
    "+": r"\+{0,9}(?: |\([^)\n]{1,200}\): ?|[\w./\-]{1,200}:\d+(?:>|:(?:\w+:)?) ?)(?=[^\s\d])",
    "real": r"(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$",
    "user": r"(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$",
    "sys": r"(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$",
    "nohup: ignoring input": "",
    # git
    "Cloning into ": r"(?:bare repository )?'",
    "remote: ": r"(?!(?i:error|fatal|warning))",
    "done.": r"\s*$",
    "Switched to ": r"(?:a new |and reset )?branch '",
    "Already on '": "",
    "HEAD is now at ": r"[\da-f]{4}",
    "Previous HEAD position was ": "",
    "hint:": r"(?:\s|$)",
    "From ": r"(?:https?://|ssh://|git://|file://|[\w.\-]+@[\w.\-]+:|github\.com:|/|\.\.?/)\S+\s*$",
    "To ": r"(?:https?://|ssh://|git://|file://|[\w.\-]+@[\w.\-]+:|github\.com:|/|\.\.?/)\S+\s*$",
    "Everything up-to-date": "",
    "Submodule ": r"(?:path )?'[^'\n]{1,200}'(?: \([^)\n]{1,200}\) registered|: checked out|: rebased)",
    "Auto packing the repository": "",
    "branch '": r"[^'\n]{1,200}' set up to track",
    "Rebasing (": r"\d+/\d+\)",
    "Successfully rebased and updated ": "",
    # ffmpeg
    "ffmpeg version ": "",
    "ffprobe version ": "",
    "ffplay version ": "",
    "Input #": r"\d+, ",
    "Output #": r"\d+, ",
    "Stream mapping:": r"\s*$",
    "Press [q] to stop": "",
    "video:": r"\d+\w+ audio:\d",
    # Julia, R and its packages
    "Precompiling project": "",
    "Loading required ": r"(?:package|namespace): ",
    "Attaching package: ": "",
    "The following object": r"(?:s are| is) masked (?:from|_by_)",
    "\u2500\u2500 ": r"(?:Attaching |Conflicts |Column specification )",
    "\u2716 ": r"\w[\w.]*::\S{1,80} masks ",
    "Rows: ": r"\d+ Columns: \d",
    "Installing package": r"s? into ",
    "(as \u2018lib\u2019 is unspecified": "",
    "trying URL '": "",
    "Content type '": "",
    "==================================================": r"\s*$",
    "downloaded ": r"\d[\d.]* (?:bytes|[KMG]?B)\s*$",
    "* installing *": "",
    "** ": r"(?:using|testing|package|R$|byte-compile|help$|installing|libs|data|inst|building|checking"
    r"|\*\*\* installing|moving|arch)",
    "* DONE (": "",
    "The downloaded ": r"(?:source|binary) packages are in",
    "`summarise()` has grouped output": "",
    "`geom_": r"\w+\(\)` using ",
    "`stat_": r"\w+\(\)` using ",
    "Joining": r"(?: with `by = |, by = )",
    "Registered S3 method": r"s? overwritten by ",
    # Spark and the JVM
    'Setting default log level to "': "",
    "To adjust logging level use sc.setLogLevel": "",
    "Using Spark's default log4j profile": "",
    ":: ": r"(?:loading settings|resolving dependencies|resolution report|retrieving) ::",
    "Picked up ": r"_?J\w+OPTIONS: ",
    "openjdk version ": "",
    "java version ": "",
    "OpenJDK ": r"(?:Runtime Environment|\d\d-Bit Server VM|Server VM) \(",
    "Java(TM) SE Runtime Environment ": "",
    "SLF4J: ": r"(?:Class path contains|Found binding in|See http|Actual binding|Defaulting to)",
    # TensorFlow, Lightning, Hugging Face
    "To enable the following instructions: ": "",
    "Using TensorFlow backend": "",
    "Device set to use ": "",
    "The `xla_device` argument": "",
    "Token has not been saved to git": "",
    "GPU available: ": "",
    "TPU available: ": "",
    "IPU available: ": "",
    "HPU available: ": "",
    "Seed set to ": r"\d",
    "Global seed set to ": r"\d",
    "LOCAL_RANK: ": r"\d",
    "Missing logger folder: ": "",
    "`Trainer.fit` stopped: ": "",
    "Using ": r"(?:\w+ Automatic Mixed Precision|CPython \d|Python \d)",
    "Initializing distributed: ": "",
    "wandb:": r"(?:\s|$)(?! *(?:ERROR|WARNING)\b)",
    # Jupyter, debuggers, matplotlib, papermill
    "[NbConvertApp] ": "",
    "0.": r"\d+s - (?:Debugger warning: |make the debugger|to python to disable|Note: Debugging)",
    "Matplotlib is building the font cache": "",
    "Input Notebook:": "",
    "Output Notebook:": "",
    "Debugger ": r"(?:attached\.|listening on ws|ending on ws)",
    "Waiting for the debugger to disconnect": "",
    "For help, see: https://nodejs.org/": "",
    # downloads: curl -v, curl -#, wget
    "* ": r"(?:Trying \S+:\d|Connect(?:ed|ion) |Host \S+ was resolved|IPv\d: |ALPN|TLSv|SSL |Server "
    r"certificate|  |Using HTTP|using HTTP|Closing connection|Mark bundle|Re-using|Issue another)",
    "> ": r"(?:(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT) \S+ HTTP/|[A-Za-z][A-Za-z\-]*: )",
    ">": r"\s*$",
    "< ": r"(?:HTTP/[\d.]+ \d|[A-Za-z][A-Za-z\-]*: )",
    "<": r"\s*$",
    "{ [": r"\d+ bytes data\]",
    "} [": r"\d+ bytes data\]",
    "###": r"#*(?: +\d{1,3}[.,]\d%|\s*$)",
    "--20": r"\d\d-\d\d-\d\d \d\d:\d\d:\d\d--  ",
    "Resolving ": r"\S+ \([^)\n]{1,200}\)\.\.\. ",
    "Connecting to ": r"[^\n]{1,200}\.\.\. connected",
    "HTTP request sent, awaiting response... 2": "",
    "HTTP request sent, awaiting response... 3": "",
    "Length: ": r"(?:\d|unspecified)",
    "Saving to: ": "",
    # pip, uv, conda
    "[notice] ": "",
    "Creating virtual environment at: ": "",
    "Resolved ": r"\d+ packages? in ",
    "Prepared ": r"\d+ packages? in ",
    "Installed ": r"\d+ packages? in ",
    "Uninstalled ": r"\d+ packages? in ",
    "Audited ": r"\d+ packages? in ",
    "Downloading cpython-": "",
    "Collecting package metadata ": "",
    "Solving environment: ": r"(?:\.\.\.working\.\.\. )?done",
    "Preparing transaction: ": r"(?:\.\.\.working\.\.\. )?done",
    "Verifying transaction: ": r"(?:\.\.\.working\.\.\. )?done",
    "Executing transaction: ": r"(?:\.\.\.working\.\.\. )?done",
    # webpack and its kind, go, docker, make, cmake, compilers
    "- Building ": r"[^\n]{0,60}\.\.\.",
    "go: ": r"(?:downloading|added|creating new|to add module|finding|found|upgraded|downgraded"
    r"|removed|extracting|copying|updates to go\.mod) ",
    "#": r"\d+ (?:\[|\d+\.\d+ |CACHED|DONE \d|sha\d{3}:|transferring |extracting |exporting |naming to "
    r"|writing image|resolve |pushing |preparing |sending |unpacking |\.\.\.)",
    "[+] ": r"(?:Building|Running|Pulling|Creating|Stopping|Up|Down) ",
    "Unable to find image '": r"[^'\n]{1,200}' locally",
    "Digest: sha256:": "",
    "Status: ": r"(?:Downloaded newer image|Image is up to date) for ",
    "make: ": r"(?:Entering |Leaving |Nothing to be done for |['`][^\n]{0,200}' is up to date\.$)",
    "make[": r"\d+\]: (?:Entering |Leaving |Nothing to be done for |['`][^\n]{0,200}' is up to date\.$)",
    "-- ": r"(?:The \w+ compiler|Configuring|Generating|Build files|Detecting|Check|Found|Looking"
    r"|Performing|Installing|Up-to-date|Using)",
    "cc1: all warnings being treated": "",
    "cc1plus: all warnings being treated": "",
    # ssh, tar, Debian's tools, systemd
    "Pseudo-terminal will not be allocated": "",
    "Connection to ": r"\S+ closed\.\s*$",
    "Shared connection to ": r"\S+ closed\.\s*$",
    "Killed by signal 1.": "",
    "Authenticated to ": "",
    "OpenSSH_": r"\d",
    "tar: Removing leading `": "",
    "debconf: ": r"(?:delaying|unable to initialize frontend|falling back|\()",
    "Created symlink ": "",
    "Removed ": r"\"?/\S+\.(?:service|socket|timer|target)\"?\.\s*$",
    "Running as unit: ": "",
    "invoke-rc.d: ": r"(?:policy-rc\.d denied|could not determine)",
    "update-alternatives: using ": "",
    # Python
    "Ran ": r"\d+ tests? in ",
    "OK": r"(?: \(|\s*$)",
    "----------------------------------------------------------------------": r"\s*$",
    "======================================================================": r"\s*$",
    "Python ": r"\d\.\d+\.\d",
    "Obtaining dependency information for ": "",
    "Serving HTTP on ": "",
}  # fmt: skip
_WARNINGS: Final = {
    "Some weights of ": r"[^\n]{0,200}were not (?:initialized|used)",
    "You should probably TRAIN this model": "",
    "huggingface/tokenizers: The current process": "",
    "To disable this warning, you can either": "",
    "Setting `pad_token_id` to": "",
    "Token indices sequence length is longer": "",
    "Special tokens have been added": "",
    "The attention mask": r" (?:and the pad token id were|is) not set",
    "Using a slow image processor": "",
    "tar: ": r"[^\n]{1,200}: file changed as we read it\s*$",
}
# What begins with something else than literal text.
_SHAPES: Final = (
    r"(?P<dd>\d+\+\d+ records (?:in|out)\s*$|\d+ bytes? (?:\([^)\n]{1,60}\) )?(?:copied, |transferred in ))"
    r"|(?P<time>[A-Za-z./]\S*(?: \S+)? {2}\d+\.\d+s user \d+\.\d+s system \d+% cpu |\d+\.\d+user \d+\.\d+system "
    r"|\d+inputs\+\d+outputs )"
    r"|(?P<ffmpeg>\[(?:lib\w+|\w+) @ \dx[\da-f]{4,16}\] (?:using |frame |profile |\d{3} |mb |kb/s|ref |coded "
    r"|\dx\d|i\d|Weighted|Qavg|\[info\]))"
    r"|(?P<wget>\S{1,120} +\d{3}%\[=+>?\] |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \([\d.]+ [KMG]?B/s\) - )"
    r"|(?P<gcc>[^\s:]{1,200}: In (?:static )?(?:member )?(?:function|constructor|destructor|instantiation)"
    r"|\d+ warnings? generated\.\s*$)"
    r"|(?P<docker>[\w.\-]{1,60}: (?:Pulling from |Pulling fs layer|Pull complete|Download complete"
    r"|Verifying Checksum|Already exists|Waiting)|latest: digest: )"
    r"|(?P<unittest>test\w* \([\w.]{1,200}\) ?\.\.\. (?:ok|skipped|expected failure)|test\w* \([\w.]{1,200}\)$)"
    r"|(?P<jobs>\[\d+\] \d{2,8}\s*$|\[\d+\][+\-]? +(?:Done|Running) )"
    r"|(?P<locale>[A-Z][a-z]+ing locale: )"
)  # fmt: skip
# Indented: git, Julia, uv, docker, GNU time, curl, R.
_INDENTED: Final = (
    r"[0-9a-f]{7,40}\.\.\.?[0-9a-f]{7,40} +\S+ +-> |\* \[new (?:branch|tag|ref)\] "
    r"|(?:Activating (?:new )?project|Resolving package versions|Updating (?:registry|git-repo|`)"
    r"|No Changes to `|Installed \S+ ─|Cloning \[|Precompiling project|\[[0-9a-f]{8}\] )"
    r"|\d+ dependenc(?:y|ies) successfully precompiled|[+\-~] [\w.\-]+==\d|(?:Downloading|Downloaded|Building|Built|Prepared) \S+"
    r"(?: \([\d.]+ ?[KMG]iB\)| @ \S+)?\s*$"
    r"|=> (?!ERROR)|(?:Container|Network|Volume|Image) \S+ +(?:Starting|Started|Creating|Created|Running"
    r"|Stopping|Stopped|Removing|Removed|Waiting|Healthy|Pulling|Pulled|Recreate|Recreated)\b"
    r"|(?:Command being timed|User time \(|System time \(|Percent of CPU|Elapsed \(wall|Average \w"
    r"|Maximum resident|Major \(req|Minor \(recl|Voluntary con|Involuntary con|Swaps: |File system (?:in|out)puts"
    r"|Socket messages|Signals delivered|Page size \(|Exit status: 0)"
    r"|built with (?:gcc|Apple|clang)|configuration: --|lib(?:av|sw|postproc)\w* +\d+\. *\d"
)


def _exactly(literal: str) -> str:
    """A pattern of a literal in which digits are equal to each other: `level_heads` remembers lines so."""
    return re.sub(r"\d", r"\\d", re.escape(literal))


def _table(notes: dict[str, str], name: str) -> str:
    """One alternative for a table: entries that begin alike stand together, so that few are tried."""
    initials: dict[str, list[str]] = {}
    for literal, rest in notes.items():
        initials.setdefault(literal[0], []).append(f"{_exactly(literal[1:])}(?:{rest})")
    branches = (f"{_exactly(first)}(?:{'|'.join(each)})" for first, each in initials.items())
    return f"(?P<{name}>{'|'.join(branches)})"


def _any_of(literals: Iterable[str]) -> str:
    """A pattern of these beginnings in which each letter is compared once."""
    rests: dict[str, list[str]] = {}
    for literal in sorted(literals):
        rests.setdefault(literal[:1], []).append(literal[1:])
    if "" in rests:
        return ""  # one of them ends here: what follows does not matter
    branches = [_exactly(first) + _any_of(rest) for first, rest in rests.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


_ALL = lazily("|".join((_table(_WARNINGS, "warning"), _table(_NOTES, "note"), _SHAPES)).encode())
_ALL_INDENTED = lazily(_INDENTED.encode())
#: How those begin that are like prose, and those without letters: `level_dull` must not pass over
#: them on stderr.
FIRST: Final = _any_of(literal[:8] for literal in (*_NOTES, *_WARNINGS) if literal[0].isascii() and literal[0].isalpha()).encode()
SYMBOLS: Final = rb"[>=\-#\[<]"
INDENTED_FIRST: Final = (
    rb"[0-9a-f][0-9a-f]{6,39}\.\.|Activ|Resolv|Updat|No Ch|Instal|Clon|Precom|\d\d* dep|[+\-~] [\w.\-]++=="
    rb"|Down|Buil|Prep|=>|Contai|Netw|Vol|Image|Comm|User t|System t|Percent|Elapsed|Average|Maxim|Major|Minor|Invol"
    rb"|Swaps|File sys|Socket|Signals|Page s|Exit s|built with|configuration:|lib"
)
#: R sets these off by blank lines from what belongs to them.
PARAGRAPH: Final = rb"Attaching package: |The following object|The downloaded (?:source|binary) pack|\xe2\x94\x80\xe2\x94\x80 "


def note_level(text: bytes, *, indented: bool = False) -> int:
    """The level of a note that a tool prints to stderr; -1 for other text.

    Args:
        text: without leading white space; no more than the head of the line counts.
        indented: there was white space.
    """
    if indented:
        return INFO if _ALL_INDENTED().match(text) else -1
    found = _ALL().match(text)
    if found is None:
        return -1
    return WARNING if found.lastgroup == "warning" else INFO
