"""What build tools, test runners, linters and services of continuous integration print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LETTERS, STACK, Format, notice
from prismq_nb.journal.levels.grammar.pieces import YARN_ERRORS, YARN_WARNINGS
from prismq_nb.journal.levels.grammar.words import CRITICAL, DEBUG, ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "kotlinc",
        "https://kotlinlang.org/docs/command-line.html",
        {
            "([ew]): (?:file:|/)": (
                "W w: file:///src/A.kt:3:5 Variable 'x' is never used",
                "E e: /src/Main.kt: (3, 5): Unresolved reference: y",
            ),
        },
        LETTERS,
    ),
    Format(
        "npm",
        "https://docs.npmjs.com/cli/v10/using-npm/logging",
        {
            r"npm ((?:WARN|warn|notice|info|http)\b|verb|sill|timing)": (
                "W npm WARN EBADENGINE Unsupported engine {",
                "I npm notice New minor version of npm available! 9.1.2 -> 9.2.0",
            ),
        },
        {
            "warn": WARNING,
            "notice": INFO,
            "info": INFO,
            "http": INFO,
            "verb": DEBUG,
            "sill": DEBUG,
            "timing": DEBUG,
        },
    ),
    Format(
        "npm, errors",
        "https://docs.npmjs.com/cli/v10/using-npm/logging",
        {
            r"npm (?:ERR!|error\b)": "E npm ERR! code ELIFECYCLE",
        },
        ERROR,
        continues=True,
    ),
    Format(
        "yarn",
        "https://classic.yarnpkg.com/en/docs/cli/",
        {
            "(error) (?:" + YARN_ERRORS + ")": (
                'E error An unexpected error occurred: "https://x".'
            ),
            "(warning) (?:" + YARN_WARNINGS + ")": (
                'W warning " > x@1.0.0" has unmet peer dependency "y@^1".'
            ),
        },
    ),
    Format(
        "pnpm",
        "https://pnpm.io/errors",
        {
            r"ERR_[A-Z\d_]+ {2}": (
                "E ERR_PNPM_NO_IMPORTER_MANIFEST_FOUND  No package.json was found"
            ),
            "ELIFECYCLE {2}": "E ELIFECYCLE  Command failed with exit code 1.",
        },
        ERROR,
    ),
    Format(
        "make",
        "https://www.gnu.org/software/make/manual/html_node/Error-Messages.html",
        {
            r"make(?:\[\d+\])?: \*\*\* ": "E make: *** No rule to make target 'x'.  Stop.",
        },
        ERROR,
    ),
    Format(
        "CMake",
        "https://cmake.org/cmake/help/latest/command/message.html",
        {
            r"CMake (Error)\b": "E CMake Error at CMakeLists.txt:3 (find_package):",
            r"CMake (?:Deprecation )?(Warning)\b": (
                "W CMake Warning (dev) at CMakeLists.txt:3 (project):"
            ),
        },
        follows=STACK,
    ),
    Format(
        "ninja",
        "https://ninja-build.org/manual.html",
        {
            "ninja: build stopped: ": "E ninja: build stopped: subcommand failed.",
        },
        ERROR,
    ),
    Format(
        "Gradle",
        "https://docs.gradle.org/current/userguide/logging.html",
        {
            r"> Task :\S{1,200} FAILED\b": "E > Task :app:compileDebugKotlin FAILED",
        },
        ERROR,
    ),
    Format(
        "webpack",
        "https://webpack.js.org/api/stats/",
        {
            "Module not found: Error: ": (
                "E Module not found: Error: Can't resolve './x' in '/src'"
            ),
        },
        ERROR,
    ),
    Format(
        "Rollup",
        "https://rollupjs.org/command-line-interface/",
        {
            r"\(!\) ": "W (!) Unresolved dependencies",
        },
        WARNING,
    ),
    Format(
        "GitHub Actions and Azure Pipelines",
        "https://docs.github.com/actions/reference/workflow-commands-for-github-actions",
        {
            r"\#\#\[(error|warning|debug)\]": (
                "E ##[error]Process completed with exit code 1.",
                "W ##[warning]Node 12 is deprecated",
            ),
            r"::(error|warning|notice)(?: [^\n:]{1,200}?)?::": (
                "E ::error file=app.js,line=1::Missing semicolon",
                "W ::warning::careful",
            ),
            "::(debug)::": "D ::debug::x",
        },
    ),
    Format(
        "Godot",
        "https://docs.godotengine.org/",
        {
            "(?:SCRIPT|USER|SHADER) (ERROR): ": (
                "E SCRIPT ERROR: Invalid call. Nonexistent function 'f' in base 'Nil'."
            ),
            "(?:USER|SCRIPT) (WARNING): ": "W USER WARNING: node not found",
        },
    ),
    Format(
        "Maven",
        "https://maven.apache.org/",
        {
            r"SUCCESS (?:: |\[\d)": "I SUCCESS [2024-03-04 10:11:12] packed",
        },
        INFO,
    ),
    Format(
        "Vite",
        "https://vite.dev/guide/",
        {
            r"(?:\d[\d:]{4,8} (?:[AP]M )?)?\[vite\] (?:\(\w+\) )?Internal server error: ": (
                "E 10:00:00 AM [vite] Internal server error: F"
            ),
        },
        ERROR,
        needs=r"\[vite\] Internal ",
        late=True,
    ),
    Format(
        "pnpm, indented",
        "https://pnpm.io/errors",
        {
            r"ERR_[A-Z\d_]+ {2}": 'E  ERR_PNPM_NO_LOCKFILE  Cannot install with "frozen-lockfile"',
            "ELIFECYCLE {2}": "E  ELIFECYCLE  Command failed with exit code 1.",
        },
        ERROR,
        indented=True,
    ),
    Format(
        "cargo",
        "https://doc.rust-lang.org/cargo/",
        {
            r"Compiling \S+ v\d": "I    Compiling error-chain v0.12.4",
            r"Checking \S+ v\d": "I     Checking x v0.1.0 (/x)",
            r"Downloaded \S+ v\d": "I   Downloaded serde v1.0.193",
            r"Fresh \S+ v\d": "I        Fresh serde v1.0.0",
            r"Documenting \S+ v\d": "I  Documenting x v0.1.0 (/x)",
            r"Adding \S+ v\d": "I       Adding serde v1.0 to dependencies",
            "Finished (?:`|dev|release|test|bench)": (
                "I     Finished dev [unoptimized + debuginfo] target(s) in 0.52s"
            ),
            r"Locking \d+ pack": "I      Locking 45 packages to latest compatible versions",
            "Doc-tests ": "I    Doc-tests x",
            "Running (?:`|unittests|tests/|benches/)": (
                "I      Running unittests src/lib.rs (target/debug/deps/x-0123)"
            ),
            "Blocking waiting": "I     Blocking waiting for file lock on package cache",
            "Updating (?:crates|git )": "I     Updating crates.io index",
            "Downloading crates": "I  Downloading crates ...",
        },
        INFO,
        indented=True,
    ),
    notice(
        "vue-cli",
        "https://cli.vuejs.org/",
        {
            r"- Building [^\n]{0,60}\.\.\.": "I - Building for production...",
        },
    ),
    notice(
        "go",
        "https://go.dev/ref/mod",
        {
            "go: (?:downloading|added|creating new|to add module|finding|found|upgraded"
            r"|downgraded|removed|extracting|copying|updates to go\.mod) ": (
                "I go: found github.com/x/y in github.com/x/y v1.0.0"
            ),
        },
    ),
    notice(
        "make, notices",
        "https://www.gnu.org/software/make/manual/",
        {
            "make: (?:Entering |Leaving |Nothing to be done for "
            r"|['`][^\n]{0,200}' is up to date\.$)": "I make: Nothing to be done for 'all'.",
            r"make\[\d+\]: (?:Entering |Leaving |Nothing to be done for "
            r"|['`][^\n]{0,200}' is up to date\.$)": "I make[1]: Nothing to be done for 'all'.",
        },
    ),
    notice(
        "ninja, notices",
        "https://ninja-build.org/manual.html",
        {
            "ninja: (?:Entering directory |no work to do)": "I ninja: Entering directory `build'",
        },
    ),
    notice(
        "CMake, status",
        "https://cmake.org/cmake/help/latest/command/message.html",
        {
            "-- (?:Could NOT find|Selecting|Setting|Building|Enabl|Disabl|Adding|Downloading"
            r"|Populating|Fetching|Skipping|The \w+ compiler|Configuring|Generating"
            "|Build files|Detecting|Check|Found|Looking|Performing|Installing|Up-to-date"
            "|Using)": "I -- The C compiler identification is GNU 12.2.0",
        },
    ),
    notice(
        "Gradle, notices",
        "https://docs.gradle.org/",
        {
            "Starting a Gradle Daemon": (
                "I Starting a Gradle Daemon (subsequent builds will be faster)"
            ),
        },
    ),
    notice(
        "yarn, messages",
        "https://classic.yarnpkg.com/en/docs/cli/",
        {
            r"(warning|warn|info|debug|verbose|verb|silly|sill|success|notice|http) (?=\S)": (
                'W warning " > x@1.0.0" has unmet peer dependency "y@^1".',
                "I http fetch GET 200 https://x",
                "D sill fetch got 3",
            ),
            r"(critical) (?=[\w.\-]+: )": "C critical bank.api: gone",
        },
        {
            "warning": WARNING,
            "warn": WARNING,
            "info": INFO,
            "debug": DEBUG,
            "verbose": DEBUG,
            "verb": DEBUG,
            "silly": DEBUG,
            "sill": DEBUG,
            "success": INFO,
            "notice": INFO,
            "http": INFO,
            "critical": CRITICAL,
        },
    ),
    notice(
        "ninja and CMake's make",
        "https://ninja-build.org/manual.html",
        {
            r"\[ {0,6}\d{1,7}/\d{1,7}\] [A-Z][a-z]+ing ": "I [45/100] Building C object x.o",
            r"\[(?=[ \d]{3}%) *\d{1,3}%\] (?:[A-Z][a-z]+ing|Built target) ": (
                "I [ 45%] Building C object x.o"
            ),
        },
    ),
    notice(
        "Gradle, progress",
        "https://docs.gradle.org/",
        {
            r"\.{1,20}\d{1,3}%[.\d%]*\s*$": (
                "I ............10%.............20%............30%.............40%"
            ),
        },
    ),
)
