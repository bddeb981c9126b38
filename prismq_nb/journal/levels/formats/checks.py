"""What test runners, linters and compilers with a format of their own print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import Format, notice
from prismq_nb.journal.levels.grammar.words import CRITICAL, ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "Go, tests",
        "https://pkg.go.dev/testing",
        {
            "--- FAIL: ": "E --- FAIL: TestParse/empty (0.00s)",
        },
        ERROR,
    ),
    Format(
        "pytest",
        "https://docs.pytest.org/en/stable/how-to/output.html",
        {
            r"E {3,24}[A-Za-z+\-?^>{}\[\]()'\"]": "E E       AssertionError: assert 1 == 2",
            "INTERNALERROR> ": "E INTERNALERROR> Traceback (most recent call last):",
        },
        ERROR,
        continues=True,
    ),
    Format(
        "ld",
        "https://sourceware.org/binutils/docs/ld/",
        {
            r"/usr/bin/(?:[\w\-]{1,40}-)??ld: (?!warning: )": (
                "E /usr/bin/ld: depot.p/take.c.o: in function `take':"
            ),
        },
        ERROR,
    ),
    Format(
        "MSVC",
        "https://learn.microsoft.com/cpp/error-messages/tool-errors/",
        {
            "LINK : (fatal error|error|warning) ": (
                "C LINK : fatal error LNK1104: cannot open file 'x.lib'"
            ),
            "LIB : (fatal error|error|warning) ": (
                "W LIB : warning LNK4068: /MACHINE not specified; defaulting to X64"
            ),
        },
    ),
    Format(
        "nvcc",
        "https://docs.nvidia.com/cuda/cuda-compiler-driver-nvcc/",
        {
            "nvcc (fatal|error|warning) {0,9}: ": (
                "C nvcc fatal   : Unsupported gpu architecture 'compute_20'",
                "W nvcc warning : The 'compute_35' architectures are deprecated",
            ),
        },
    ),
    Format(
        "sanitizers",
        "https://github.com/google/sanitizers/wiki",
        {
            r"==\d+==(ERROR|WARNING): ": (
                "E ==123==ERROR: AddressSanitizer: heap-use-after-free on address 0x1 at pc 0x2"
            ),
        },
    ),
    Format(
        "failed tests",
        "https://jestjs.io/docs/cli",
        {
            r"FAIL(?:ED)?[ :\t]+(?:\((?=[^\d\s])|(?=[^\d\s(])|\(?[1-9]|$)": (
                "E FAIL: //x:y_test (see /x/testlogs/y_test/test.log)"
            ),
            "FAIL$": "E FAIL",
        },
        ERROR,
    ),
    Format(
        "UndefinedBehaviorSanitizer",
        "https://clang.llvm.org/docs/UndefinedBehaviorSanitizer.html",
        {
            r"\S{1,300}:\d+:\d+: runtime error: ": (
                "E main.c:3:5: runtime error: signed integer overflow"
            ),
        },
        ERROR,
        needs="runtime error: ",
        late=True,
    ),
    Format(
        "ESLint, compact; HTML Tidy",
        "https://eslint.org/docs/latest/use/formatters/",
        {
            r"[\w./\\@+\-]{1,300}: line \d+, col \d+, (Error|Warning) - ": (
                "W /x/y.js: line 6, col 3, Warning - Unexpected console statement. (no-console)",
                "E /x/y.js: line 5, col 3, Error - 'x' is defined but never used. (no-unused-vars)",
            ),
            r"line \d+ column \d+ - (Error|Warning|Info|Access|Config): ": (
                "E line 2 column 7 - Error: <bolt> is not recognized!",
                "W line 1 column 7 - Warning: missing bolt",
            ),
        },
        {"error": ERROR, "warning": WARNING, "info": INFO, "access": INFO, "config": INFO},
        needs=r"line \d",
        late=True,
    ),
    Format(
        "Pylint, Cppcheck",
        "https://pylint.readthedocs.io/en/stable/user_guide/messages/",
        {
            r"[^\s:]{1,300}:\d+:\d+: ([EWFCR])\d{4}: ": (
                "W depot.py:3:0: W0311: Bad indentation. (bad-indentation)",
                "E depot.py:4:9: E0602: Undefined variable 'bolt' (undefined-variable)",
                "I depot.py:1:0: C0114: Missing module docstring (missing-module-docstring)",
            ),
            r"[^\s:]{1,300}:\d+:\d+: (style|performance|portability|information): ": (
                "I bolt.c:4:61: style: Assignment has no effect. [uselessAssignmentArg]"
            ),
        },
        {
            "e": ERROR,
            "w": WARNING,
            "f": CRITICAL,
            "c": INFO,
            "r": INFO,
            "style": INFO,
            "performance": INFO,
            "portability": INFO,
            "information": INFO,
        },
        needs=r":\d+:\d+: (?:[CRWEF]\d{4}: |style|perf|port|info)",
        late=True,
    ),
    Format(
        "cargo test",
        "https://doc.rust-lang.org/cargo/commands/cargo-test.html",
        {
            r"test [\w:./<>\-]{1,200} (?:- [^\n]{1,60} "
            r"|\([^)\n]{0,60}\) ){0,2}\.\.\. FAILED\s*$": "E test tests::it_fails ... FAILED",
        },
        ERROR,
        needs=r"\.\.\. [FE]",
        late=True,
    ),
    Format(
        "unittest",
        "https://docs.python.org/3/library/unittest.html",
        {
            r"test_\w{1,200} \([\w.]+\)(?: \[[^\n]{0,60})? \.\.\. (?:FAIL|ERROR)\s*$": (
                "E test_c (test_x.T.test_c) ... FAIL"
            ),
        },
        ERROR,
        needs=r"\.\.\. [FE]",
        late=True,
    ),
    Format(
        "pytest -v",
        "https://docs.pytest.org/en/stable/how-to/output.html",
        {
            r"[\w./\-]{1,200}::[^\s\[]{1,200}(?:\[[^\]\n]{1,200}\])? (?:FAILED"
            r"|ERROR)(?: +\[ *\d+%\]| *$)": (
                "E tests/test_a.py::test_b[x-1] FAILED                                      [ 12%]"
            ),
        },
        ERROR,
        needs=r"::[^\s\[]",
        late=True,
    ),
    Format(
        "ESLint",
        "https://eslint.org/docs/latest/use/formatters/#stylish",
        {
            r"\d+:\d+ +(error|warning|⚠) {2}": (
                'W   1:18  ⚠  Unknown property "colr"   property-no-unknown',
                "E   12:5  error  Missing semicolon  semi",
            ),
        },
        {"error": ERROR, "warning": WARNING, "⚠": WARNING},
        indented=True,
    ),
    Format(
        "dart analyze",
        "https://dart.dev/tools/dart-analyze",
        {
            "(error|warning) • ": (
                "W   warning • Unused import: 'x' • lib/main.dart:1:8 • unused_import",
                "E   error • Undefined name 'x' • lib/main.dart:3:5 • undefined_identifier",
            ),
        },
        indented=True,
    ),
    Format(
        "pytest, summary of warnings",
        "https://docs.pytest.org/en/stable/how-to/capture-warnings.html",
        {
            r"/[^\s:]{1,200}:\d+: (?>(?:\w++\.)*)\w*Warning: ": (
                "W   /x/test_a.py:3: DeprecationWarning: old"
            ),
        },
        WARNING,
        indented=True,
    ),
    notice(
        "gcc -Werror",
        "https://gcc.gnu.org/onlinedocs/gcc/Warning-Options.html",
        {
            r"cc\d: all warnings being treated": "I cc1: all warnings being treated as errors",
            r"cc\dplus: all warnings being treated": (
                "I cc1plus: all warnings being treated as errors"
            ),
        },
    ),
    notice(
        "unittest, results",
        "https://docs.python.org/3/library/unittest.html",
        {
            r"Ran \d+ tests? in ": "I Ran 3 tests in 0.001s",
            r"OK(?: \(|\s*$)": "I OK (skipped=1)",
        },
    ),
    notice(
        "gcc, clang",
        "https://gcc.gnu.org/onlinedocs/gcc/Diagnostic-Message-Formatting-Options.html",
        {
            r"[^\s:]{1,200}: In (?:static )?(?:member )?(?:function|constructor|destructor"
            "|instantiation)": "I x.c: In function 'main':",
            r"\d+ warnings? generated\.\s*$": "I 12 warnings generated.",
        },
        needs=r": In |generated\.",
    ),
    notice(
        "unittest -v",
        "https://docs.python.org/3/library/unittest.html",
        {
            r"test\w* \([\w.]{1,200}\) ?\.\.\. (?:ok|skipped|expected failure)": (
                "I test_b (test_x.T.test_b) ... skipped 'no'"
            ),
            r"test\w* \([\w.]{1,200}\)$": "I test_it (tests.test_x.T)",
        },
    ),
    notice(
        "pytest-xdist",
        "https://pytest-xdist.readthedocs.io/",
        {
            r"\[gw\d{1,3}\] \[ *\d{1,3}%\] (?:PASSED|SKIPPED|XFAIL|XPASS) ": (
                "I [gw0] [ 45%] PASSED tests/test_x.py::test_y"
            ),
        },
    ),
)
