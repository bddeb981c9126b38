"""How shells, the C library, linkers and drivers say that a program failed."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import Format
from prismq_nb.journal.levels.grammar.pieces import HEAP_FAULT, PROGRAM, REASON, REASONS, SIGNAL
from prismq_nb.journal.levels.grammar.words import ERROR

FORMATS: Final = (
    Format(
        "fatal signals",
        "https://man7.org/linux/man-pages/man3/strsignal.3.html",
        {
            r"Killed(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$": (
                "E Killed                  python train.py"
            ),
            r"Abort(?:ed| trap)(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$": (
                "E Aborted (core dumped)"
            ),
            r"Segmentation fault(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$": (
                "E Segmentation fault (core dumped)"
            ),
            r"Bus error(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$": (
                "E Bus error (core dumped)"
            ),
            r"Illegal instruction(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$": (
                "E Illegal instruction (core dumped)"
            ),
            r"Floating point exception(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$": (
                "E Floating point exception (core dumped)"
            ),
            r"Trace/(?:breakpoint|BPT) trap(?:: [1-9]\d?)?(?: *\(core dumped\)"
            r"| {2,}\S[^\n]*)?\s*$": "E Trace/breakpoint trap (core dumped)",
            "Segmentation fault(?:[.!,;]| (?:at|in|on|from|while|when|signal|occurred"
            r"|caught) | [(\-]|: [A-Za-z])": "E Segmentation fault (core dumped)",
            r"Bus error(?:[.!,;]| (?:at|in|on|from|while|when|signal|occurred|caught) | [(\-]"
            "|: [A-Za-z])": "E Bus error (core dumped)",
        },
        ERROR,
        late=True,
    ),
    Format(
        "zsh",
        "https://zsh.sourceforge.io/Doc/",
        {
            "zsh: (?:killed|segmentation fault|abort|bus error|illegal hardware instruction"
            r"|trace trap|floating point exception)(?: {2,}|\s*$)": (
                "E zsh: segmentation fault  ./a.out"
            ),
            "zsh: (?:command not found|no such file or directory|permission denied"
            "|no matches found): ": "E zsh: command not found: foo",
        },
        ERROR,
        late=True,
    ),
    Format(
        "fish",
        "https://fishshell.com/docs/current/",
        {
            "fish: Unknown command: ": "E fish: Unknown command: foo",
        },
        ERROR,
        late=True,
    ),
    Format(
        "Ant, Gradle, MSBuild, xcodebuild",
        "https://ant.apache.org/manual/",
        {
            r"BUILD FAILED(?:\.| in \d| \(|(?: \*\*)?\s*$)": (
                "E BUILD FAILED (total time: 1 second)"
            ),
            r"Build FAILED(?:\.| in \d| \(|(?: \*\*)?\s*$)": "E Build FAILED.",
            r"\*\* (?:BUILD FAILED|Build FAILED)(?:\.| in \d| \(|(?: \*\*)?\s*$)": (
                "E ** BUILD FAILED **"
            ),
        },
        ERROR,
        late=True,
    ),
    Format(
        "glibc",
        "https://www.gnu.org/software/libc/manual/html_node/Heap-Consistency-Checking.html",
        {
            r"\*\*\* (?:(?:stack smashing|buffer overflow|glibc) detected \*\*\*|Error in `)": (
                "E *** buffer overflow detected ***: terminated"
            ),
            r"free\(\): " + HEAP_FAULT: "E free(): double free detected in tcache 2",
            r"malloc\(\): " + HEAP_FAULT: "E malloc(): corrupted top size",
            r"calloc\(\): " + HEAP_FAULT: "E calloc(): invalid size",
            r"realloc\(\): " + HEAP_FAULT: "E realloc(): invalid next size",
            r"munmap_chunk\(\): invalid": "E munmap_chunk(): invalid pointer",
            r"double free or corruption \(": "E double free or corruption (out)",
            r"corrupted (?:size vs\.|double-linked list)": "E corrupted size vs. prev_size",
            r"Assertion failed(?:: (?!\d{1,7}(?:\.\d{1,7})?[A-Za-z%]{0,3}\s*$)|!|\s*$)": (
                "E Assertion failed: x > 0"
            ),
        },
        ERROR,
        late=True,
    ),
    Format(
        "the C++ run time",
        "https://gcc.gnu.org/onlinedocs/libstdc++/manual/verbose_termination.html",
        {
            "terminate called (?:after throwing an instance of|without an active exception"
            "|recursively)": "E terminate called without an active exception",
            r"libc\+\+abi(?:\.dylib)?: (?:terminating|Pure virtual)": (
                "E libc++abi: terminating due to uncaught exception of type int"
            ),
            "pure virtual method called": "E pure virtual method called",
        },
        ERROR,
        late=True,
    ),
    Format(
        "the kernel's out-of-memory killer",
        "https://docs.kernel.org/mm/oom.html",
        {
            "(?>Out of memory: Kill|Memory cgroup out of memory: Kill|oom-kill:constraint=)": (
                "E oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)"
            ),
            r"\[ *\d+\.\d+\] (?:(?:Memory cgroup o|O)ut of memory: Kill|oom-kill:constraint=)": (
                "E [12345.678901] Out of memory: Killed process 12345 (python)"
            ),
        },
        ERROR,
        late=True,
    ),
    Format(
        "Open MPI",
        "https://www.open-mpi.org/doc/",
        {
            r"\*\*\* Process received signal": "E *** Process received signal ***",
            r"\[[\w.:\-]{1,80}\] \*\*\* Process received signal": (
                "E [node1:01234] *** Process received signal ***"
            ),
            "MPI_ABORT was invoked": (
                "E MPI_ABORT was invoked on rank 0 in communicator MPI_COMM_WORLD"
            ),
        },
        ERROR,
        late=True,
    ),
    Format(
        "gdb, Fortran",
        "https://gcc.gnu.org/onlinedocs/gfortran/",
        {
            "Program received signal SIG": (
                "E Program received signal SIGSEGV: Segmentation fault - invalid memory reference."
            ),
            "Fortran runtime error: ": "E Fortran runtime error: End of file",
            r"At line \d+ of file ": "E At line 3 of file x.f90",
            r"forrtl: severe \(": "E forrtl: severe (174): SIGSEGV, segmentation fault occurred",
        },
        ERROR,
        late=True,
    ),
    Format(
        "linkers",
        "https://sourceware.org/binutils/docs/ld/",
        {
            r"ld(?:\.\w+)?: (?:cannot find |symbol\(s\) not found|library not found)": (
                "E ld: symbol(s) not found for architecture arm64"
            ),
        },
        ERROR,
        late=True,
    ),
    Format(
        "linkers, by path",
        "https://sourceware.org/binutils/docs/ld/",
        {
            r"[^\s:]{1,200}:(?:\([^)\n]{1,80}\)|\d+): undefined reference to [`']": (
                "E x.c:(.text+0x5): undefined reference to `f'"
            ),
            r"[\w./\-]{1,200}/ld(?:\.\w+)?: (?:cannot find |symbol\(s\) not found"
            "|library not found)": "E /usr/bin/ld: cannot find -lx: No such file or directory",
        },
        ERROR,
        needs="undefined ref|/ld",
        late=True,
    ),
    Format(
        "a shell's report of a signal",
        "https://www.gnu.org/software/bash/manual/bash.html",
        {
            PROGRAM + r": line \d+: +\d+ " + SIGNAL + "(?:$|[ (])": (
                "E ./run.sh: line 3: 12345 Killed                  python train.py"
            ),
        },
        ERROR,
        needs="line ",
        late=True,
    ),
    Format(
        "strerror(3), as programs report it",
        "https://man7.org/linux/man-pages/man3/strerror.3.html",
        {
            "(?!dpkg-preconfigure: unable to re-open stdin)(?:"
            + PROGRAM
            + "|(?:read|write) error)(?!: (?!can(?:not|')|could not|failed|unable|command"
            r"|error while)[a-z]++ [a-z]++ [A-Za-z\d])(?:: [^:\n]{1,200}){0,4}: "
            + REASON
            + "$": "E tar: x.tgz: Cannot open: No such file or directory",
            "(?!dpkg-preconfigure: unable to re-open stdin)"
            + PROGRAM
            + r": (?:cannot|can't|could not|failed to|unable to) [^\n]{1,200}[(\] ]"
            + REASON
            + r"\)?$": "E ls: cannot access '/x': No such file or directory",
        },
        ERROR,
        ends=(*REASONS, *(f"{reason})" for reason in REASONS)),
        late=True,
    ),
    Format(
        "sh, bash",
        "https://www.gnu.org/software/bash/manual/bash.html#Exit-Status",
        {
            "(?:" + PROGRAM + r": )?(?:line \d+: )?[^\s:]{1,100}: command not found$": (
                "E ./run.sh: line 12: foo: command not found"
            ),
            r"(?:[\w./\-]{0,80}/)?(?:sh|dash|ash|ksh): (?:\d+: )?[^\s:]{1,100}: not found$": (
                "E /bin/sh: 1: foo: not found"
            ),
        },
        ERROR,
        ends=(": command not found", ": not found"),
        late=True,
    ),
    Format(
        "assert(3)",
        "https://man7.org/linux/man-pages/man3/assert.3.html",
        {
            r"\S{1,200}: \S{1,200}:\d+: [^\n]{0,100}?Assertion [`'][^\n]{1,200}' failed\.$": (
                "E a.out: x.c:3: main: Assertion `x == 1' failed."
            ),
        },
        ERROR,
        ends=("' failed.",),
        late=True,
    ),
)
