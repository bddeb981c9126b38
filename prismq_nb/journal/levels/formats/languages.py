"""What compilers, interpreters and run times of single languages print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LINE, STACK, Format, notice
from prismq_nb.journal.levels.grammar.pieces import ICON_SPACE, SOURCE_LINE
from prismq_nb.journal.levels.grammar.words import CRITICAL, DEBUG, ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "Go",
        "https://pkg.go.dev/runtime#hdr-Environment_Variables",
        {
            "panic: ": "C panic: runtime error: index out of range [5] with length 3",
            "fatal error: ": "C fatal error: all goroutines are asleep - deadlock!",
        },
        CRITICAL,
        follows=STACK,
    ),
    Format(
        "Rust, the run time",
        "https://doc.rust-lang.org/std/macro.panic.html",
        {"fatal runtime error: ": "C fatal runtime error: stack overflow"},
        CRITICAL,
    ),
    Format(
        "Go, stacks",
        "https://pkg.go.dev/runtime/debug#Stack",
        {
            r"goroutine \d+ \[": "C goroutine 18 [running]:",
            r"\[signal SIG": (
                "C [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48]"
            ),
        },
        CRITICAL,
        follows=STACK,
        continues=True,
    ),
    Format(
        "Rust, the message below",
        "https://doc.rust-lang.org/std/macro.panic.html",
        {
            r"thread '[^'\n]{0,200}' (?:\(\d+\) )?panicked at [^\n]{0,800}:\s*$": (
                "E thread 'tests::it_fails' panicked at src/lib.rs:12:9:"
            ),
        },
        ERROR,
        follows=LINE,
    ),
    Format(
        "Rust",
        "https://doc.rust-lang.org/std/macro.panic.html",
        {
            r"thread '[^'\n]{0,200}' (?:\(\d+\) )?panicked at (?![^\n]{0,800}:\s*$)": (
                "E thread 'tokio-runtime-worker' panicked at '"
            ),
        },
        ERROR,
    ),
    Format(
        "Rust, a note",
        "https://doc.rust-lang.org/std/backtrace/index.html",
        {
            "note: (?:Some [a-z ]{1,20}, )?run with `RUST_": (
                "E note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"
            ),
        },
        ERROR,
        continues=True,
    ),
    Format(
        "Python",
        "https://docs.python.org/3/library/faulthandler.html",
        {
            "Fatal Python error: ": "C Fatal Python error: Segmentation fault",
        },
        CRITICAL,
    ),
    Format(
        "PHP",
        "https://www.php.net/manual/en/errorfunc.constants.php",
        {
            "PHP (Fatal error|Parse error|Deprecated|Strict Standards): ": (
                "C PHP Fatal error:  Uncaught Exception: x in /x.php:3",
                "W PHP Deprecated:  take() is old in /srv/take.php on line 3",
            ),
            "(Fatal error|Parse error|Deprecated|Strict Standards): ": (
                "W Deprecated: take() is old in /srv/take.php on line 3",
                "C Fatal error: no",
            ),
        },
        {
            "fatal error": CRITICAL,
            "parse error": ERROR,
            "deprecated": WARNING,
            "strict standards": WARNING,
        },
    ),
    Format(
        "Erlang reports",
        "https://www.erlang.org/doc/apps/kernel/logger_chapter",
        {
            "=(CRASH|CRITICAL|ALERT|EMERGENCY|ERROR|SUPERVISOR|WARNING|INFO|NOTICE|PROGRESS"
            r"|DEBUG) REPORT==== .{1,60} ===\s*$": (
                "D =DEBUG REPORT==== 4-Mar-2024::10:11:12.123456 ===",
                "W =WARNING REPORT==== 4-Mar-2024::10:11:12.123456 ===",
                "C =CRITICAL REPORT==== 4-Mar-2024::10:11:12.123456 ===",
            ),
        },
        {
            "crash": CRITICAL,
            "critical": CRITICAL,
            "alert": CRITICAL,
            "emergency": CRITICAL,
            "error": ERROR,
            "supervisor": ERROR,
            "warning": WARNING,
            "info": INFO,
            "notice": INFO,
            "progress": INFO,
            "debug": DEBUG,
        },
        follows=LINE,
    ),
    Format(
        "Erlang reports, other headings",
        "https://www.erlang.org/doc/apps/kernel/logger_chapter",
        {
            "=(CRASH|CRITICAL|ALERT|EMERGENCY|ERROR|SUPERVISOR|WARNING|INFO|NOTICE|PROGRESS"
            r"|DEBUG) REPORT=(?!=== .{1,60} ===\s*$)": "E =ERROR REPORT= 4-Mar-2024::10:11:12",
        },
        {
            "crash": CRITICAL,
            "critical": CRITICAL,
            "alert": CRITICAL,
            "emergency": CRITICAL,
            "error": ERROR,
            "supervisor": ERROR,
            "warning": WARNING,
            "info": INFO,
            "notice": INFO,
            "progress": INFO,
            "debug": DEBUG,
        },
    ),
    Format(
        "Elixir",
        "https://hexdocs.pm/mix/Mix.html",
        {
            r"\*\* \((?:EXIT |exit\)|(?:[\w.]+Error|Mix)\) )": (
                "E ** (EXIT from #PID<0.1.0>) shell process exited with reason: x"
            ),
        },
        ERROR,
    ),
    Format(
        ".NET and JavaScript",
        "https://learn.microsoft.com/dotnet/api/system.appdomain.unhandledexception",
        {
            r"Unhandled [Ee]xception(?:[.:]| (?=[^\drc])| ca)": (
                "E Unhandled exception at 0x00007FF: Access violation"
            ),
            r"Uncaught (?:exception\b|err|[A-Za-df-z\d_.])": "E Uncaught Error: no",
        },
        ERROR,
    ),
    Format(
        "Node.js",
        "https://nodejs.org/api/cli.html#--trace-warnings",
        {
            r"\(node:\d+\) (?:\[\w+\] )?\w*Warning: ": (
                "W (node:12) UnhandledPromiseRejectionWarning: Error: x"
            ),
            r"\(Use `node --trace-[wd]": (
                "W (Use `node --trace-warnings ...` to show where the warning was created)"
            ),
        },
        WARNING,
    ),
    Format(
        "rich",
        "https://rich.readthedocs.io/en/stable/traceback.html",
        {
            r"╭\S{0,200} Traceback \(most recent call last\)": (
                "E ╭─────────── Traceback (most recent call last) ──╮"
            ),
        },
        ERROR,
    ),
    Format(
        "LaTeX",
        "https://www.latex-project.org/help/documentation/",
        {
            r"! (?:LaTeX|Package|Class) [^\n]{0,80}?(Error): ": (
                "E ! LaTeX Error: File `x.sty' not found."
            ),
            "! (Undefined control|Emergency stop)": "E ! Undefined control sequence.",
            r"LaTeX (?:\w+ )?(Warning): ": (
                "W LaTeX Warning: Reference `fig:error' on page 1 undefined on input line 12."
            ),
            r"Package \S{1,80} (Warning): ": (
                "W Package hyperref Warning: Token not allowed in a PDF string (Unicode):"
            ),
            r"Class \S{1,80} (Warning): ": "W Class article Warning: unused option",
        },
        {"error": ERROR, "undefined control": ERROR, "emergency stop": ERROR, "warning": WARNING},
    ),
    Format(
        "log-symbols, consola, ora, listr",
        "https://github.com/sindresorhus/log-symbols",
        {
            "(✖|✗|✘|❌)" + ICON_SPACE + r"(?=[^\s\d])(?!\w[\w.]*+::\S{1,80} masks )": (
                'E ✘ [ERROR] Could not resolve "x"'
            ),
            "(⚠)" + ICON_SPACE: "W ⚠  warning   disk low",
            "(✅|✓|✔|ℹ)" + ICON_SPACE: "I ✔ dplyr     1.1.4     ✔ readr     2.1.5",
        },
        {
            "✖": ERROR,
            "✗": ERROR,
            "✘": ERROR,
            "❌": ERROR,
            "⚠": WARNING,
            "✅": INFO,
            "✓": INFO,
            "✔": INFO,
            "ℹ": INFO,
        },
        late=True,
    ),
    Format(
        "spinners of Braille dots",
        "https://github.com/sindresorhus/cli-spinners",
        {
            r"\xe2[\xa0-\xa3][\x80-\xbf]" + ICON_SPACE: "I ⠋ building",
        },
        INFO,
        late=True,
    ),
    Format(
        "GLib",
        "https://docs.gtk.org/glib/logging.html",
        {
            r"\S{1,120} ?\*{0,2}-(ERROR) \*\*:": "E GLib-ERROR **: cannot allocate",
            r"(?:\([^)\n]{1,80}\): )?\S{1,60}-(WARNING|CRITICAL) \*\*:": (
                "W (process:123): GLib-WARNING **: 10:00:00.1: careful"
            ),
            r"(?:\([^)\n]{1,80}\): )?\S{1,60}-(Message|INFO)(?: \*\*)?: ": (
                "I (depot:12): stock-INFO: 10:11:12.123: packed"
            ),
            r"(?:\([^)\n]{1,80}\): )?\S{1,60}-(DEBUG): ": (
                "D (depot:12): stock-DEBUG: 10:11:12.123: counted"
            ),
        },
        {
            "error": ERROR,
            "critical": WARNING,
            "warning": WARNING,
            "message": INFO,
            "info": INFO,
            "debug": DEBUG,
        },
        needs=r"\*\*:|-(?:Mess|INFO|DEB)",
        late=True,
    ),
    Format(
        "IPython",
        "https://ipython.readthedocs.io/en/stable/interactive/reference.html",
        {
            r"(?=[\w.]++ {2,}Traceback \(most recent call last\))[\w.]*(?:Error|Exception)": (
                "E ValueError                                Traceback (most recent call last)"
            ),
        },
        ERROR,
        needs=r"Traceback \(",
        late=True,
    ),
    Format(
        "Python's warnings",
        "https://docs.python.org/3/library/warnings.html",
        {
            SOURCE_LINE + r"?(?>(?:[A-Za-z_]\w*+\.)*)[A-Z]\w*Warning: ?": (
                "W /usr/lib/python3/x.py:12: DeprecationWarning: old"
            ),
        },
        WARNING,
        needs="Warning:",
        late=True,
    ),
    notice(
        "Jupyter, papermill",
        "https://nbconvert.readthedocs.io/",
        {
            r"\[NbConvertApp\] ": "I [NbConvertApp] Converting notebook x.ipynb to html",
            "Input Notebook:": "I Input Notebook:  in.ipynb",
            "Output Notebook:": "I Output Notebook: out.ipynb",
        },
    ),
    notice(
        "debugpy",
        "https://github.com/microsoft/debugpy",
        {
            r"\d\.\d+s - (?:Debugger warning: |make the debugger|to python to disable"
            "|Note: Debugging)": (
                "I 0.00s - make the debugger miss breakpoints. Please pass -Xfrozen_modules=off"
            ),
        },
    ),
    notice(
        "Node.js, debugger",
        "https://nodejs.org/api/debugger.html",
        {
            r"Debugger (?:attached\.|listening on ws|ending on ws)": (
                "I Debugger listening on ws://127.0.0.1:9229/0f2c936f"
            ),
            "Waiting for the debugger to disconnect": (
                "I Waiting for the debugger to disconnect..."
            ),
            r"For help, see: https://nodejs\.org/": (
                "I For help, see: https://nodejs.org/en/docs/inspector"
            ),
        },
    ),
    notice(
        "Python, notices",
        "https://docs.python.org/3/using/cmdline.html",
        {
            r"Python \d\.\d+\.\d": "I Python 3.11.7",
            "Serving HTTP on ": "I Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...",
        },
    ),
)
