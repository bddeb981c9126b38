"""How shells, the C library, linkers and drivers say that a program failed: errors on stdout too.

Full shapes, each anchored at the start of a line: `Killed` alone is an error, `Killed 3 monsters`
is none. Digits are equal to each other here, for `heads` remembers lines so. What begins like
these patterns must be out of reach of `prefilter`. Imports the standard library only.
"""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.words import ERROR, lazily

__all__ = ["failure_level"]

# strsignal(3); macOS adds the signal's number.
_SIGNAL = (
    rb"(?:Killed|Abort(?:ed| trap)|Segmentation fault|Bus error|Illegal instruction"
    rb"|Floating point exception|Trace/(?:breakpoint|BPT) trap)"
)
_REASONS: Final = (
    b"No such file or directory", b"Permission denied", b"Is a directory", b"Not a directory",
    b"File exists", b"Read-only file system", b"No space left on device",
    b"Operation not permitted", b"Cannot allocate memory", b"Too many open files",
    b"Exec format error", b"Text file busy", b"Device or resource busy", b"Input/output error",
    b"Argument list too long", b"Directory not empty", b"File name too long",
    b"Disk quota exceeded", b"Connection refused", b"No route to host",
    b"Network is unreachable", b"Name or service not known",
    b"Temporary failure in name resolution",
)  # fmt: skip
_PROGRAM = rb"[\w./~@+\-]{1,120}"
_HARMLESS = rb"(?!dpkg-preconfigure: unable to re-open stdin)"
# What `prefilter` passes over.
_PROSE = rb": (?!can(?:not|')|could not|failed|unable|command|error while)[a-z]++ [a-z]++ [A-Za-z\d]"
# Of a line that ends in one of `_ENDS`.
_REASONED = lazily(
    _HARMLESS + rb"(?:" + _PROGRAM + rb"|(?:read|write) error)(?!" + _PROSE + rb")(?:: [^:\n]{1,200}){0,4}: (?:" + rb"|".join(_REASONS) + rb")$"
    rb"|" + _HARMLESS + _PROGRAM + rb": (?:cannot|can't|could not|failed to|unable to) [^\n]{1,200}[(\] ]"
    rb"(?:" + rb"|".join(_REASONS) + rb")\)?$"
    rb"|(?:" + _PROGRAM + rb": )?(?:line \d+: )?[^\s:]{1,100}: command not found$"
    rb"|(?:[\w./\-]{0,80}/)?(?:sh|dash|ash|ksh): (?:\d+: )?[^\s:]{1,100}: not found$"
    rb"|\S{1,200}: \S{1,200}:\d+: [^\n]{0,100}?Assertion [`'][^\n]{1,200}' failed\.$"
)
_ENDS: Final = (
    *_REASONS,
    *(reason + b")" for reason in _REASONS),
    b": command not found",
    b": not found",
    b"' failed.",
)
_LAST: Final = frozenset(end[-3:] for end in _ENDS)
_SHAPES = lazily(
    _SIGNAL + rb"(?:: [1-9]\d?)?(?: *\(core dumped\)| {2,}\S[^\n]*)?\s*$"
    rb"|(?:Segmentation fault|Bus error)(?:[.!,;]| (?:at|in|on|from|while|when|signal|occurred|caught) | [(\-]|: [A-Za-z])"
    rb"|zsh: (?:killed|segmentation fault|abort|bus error|illegal hardware instruction|trace trap"
    rb"|floating point exception)(?: {2,}|\s*$)"
    rb"|zsh: (?:command not found|no such file or directory|permission denied|no matches found): "
    rb"|fish: Unknown command: "
    # CUDA, as PyTorch, CuPy and the samples of the toolkit print it
    rb"|CUDA (?:out of memory(?:[.:]|\s*$)|(?:[Rr]untime |[Dd]river )?[Ee]rror(?:: (?!\d+$)| \d+ at | at ))"
    rb"|GPUassert: |NCCL error in: "
    # Ant, Gradle, MSBuild, xcodebuild
    rb"|(?:\*\* )?(?:BUILD FAILED|Build FAILED)(?:\.| in \d| \(|(?: \*\*)?\s*$)"
    # glibc, libstdc++, libc++
    rb"|\*\*\* (?:(?:stack smashing|buffer overflow|glibc) detected \*\*\*|Error in `)"
    rb"|(?:free|(?:m|c|re)alloc)\(\): (?:invalid|double free|corrupted|memory corruption|unaligned"
    rb"|mismatching|smallbin|largebin|unsorted)|munmap_chunk\(\): invalid|double free or corruption \("
    rb"|corrupted (?:size vs\.|double-linked list)|Assertion failed(?:: (?!\d{1,7}(?:\.\d{1,7})?[A-Za-z%]{0,3}\s*$)|!|\s*$)"
    rb"|terminate called (?:after throwing an instance of|without an active exception|recursively)"
    rb"|libc\+\+abi(?:\.dylib)?: (?:terminating|Pure virtual)|pure virtual method called"
    # the kernel, MPI, Fortran
    rb"|(?:\[ *\d+\.\d+\] )?(?:(?:Memory cgroup o|O)ut of memory: Kill|oom-kill:constraint=)"
    rb"|(?:\[[\w.:\-]{1,80}\] )?\*\*\* Process received signal|MPI_ABORT was invoked"
    rb"|Program received signal SIG|Fortran runtime error: |At line \d+ of file |forrtl: severe \("
    # linkers
    rb"|ld(?:\.\w+)?: (?:cannot find |symbol\(s\) not found|library not found)"
)
# What may begin with any name: a shell's report, an object file.
_NAMED = lazily(
    _PROGRAM + rb": line \d+: +\d+ " + _SIGNAL + rb"(?:$|[ (])"
    rb"|[^\s:]{1,200}:(?:\([^)\n]{1,80}\)|\d+): undefined reference to [`']"
    rb"|[\w./\-]{1,200}/ld(?:\.\w+)?: (?:cannot find |symbol\(s\) not found|library not found)"
)


def failure_level(head: bytes) -> int:
    """ERROR for a line that begins so, if it says that a program failed; else -1."""
    line = head.rstrip()
    if line[-3:] in _LAST and line.endswith(_ENDS) and _REASONED().match(line) is not None:
        return ERROR
    if _SHAPES().match(head) is not None:
        return ERROR
    named = b": line " in head or b": undefined ref" in head or b"/ld: " in head
    return ERROR if named and _NAMED().match(head) is not None else -1
