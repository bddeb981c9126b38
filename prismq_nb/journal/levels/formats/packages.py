"""What package managers print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LETTERS, Format, notice
from prismq_nb.journal.levels.grammar.words import ERROR

FORMATS: Final = (
    Format(
        "apt",
        "https://manpages.debian.org/stable/apt/apt-get.8",
        {
            "([EWN]): (?=[A-Z])": (
                "W W: Failed to fetch http://x  404  Not Found",
                "E E: Failed to fetch http://x/InRelease  Could not resolve 'x'",
                "I N: Updating from such a repository can't",
            ),
        },
        LETTERS,
    ),
    Format(
        "apt, downloads",
        "https://manpages.debian.org/stable/apt/apt-get.8",
        {
            r"Err:\d+ [a-z]+:": "E Err:3 http://x bookworm InRelease",
        },
        ERROR,
    ),
    Format(
        "dpkg",
        "https://manpages.debian.org/stable/dpkg/dpkg.1",
        {
            r"dpkg(?:-\w+)?: error ": "E dpkg: error processing package x (--configure):",
        },
        ERROR,
    ),
    Format(
        "mamba",
        "https://mamba.readthedocs.io/",
        {
            "(critical) libmamba ": "C critical libmamba Aborting.",
            "(error|warning|info) +libmamba ": (
                "W warning  libmamba Could not parse mod/etag header",
                "E error    libmamba Could not solve for environment specs",
                "I info     libmamba Hard-linking is not enabled",
            ),
        },
    ),
    Format(
        "pip, indented",
        "https://pip.pypa.io/",
        {
            r"error: [a-z]++(?>(?:-[a-z]++)+)\s*$": "E   error: subprocess-exited-with-error",
        },
        ERROR,
        indented=True,
    ),
    notice(
        "pip, notices",
        "https://pip.pypa.io/",
        {
            r"\[notice\] ": "I [notice] To update, run: pip install --upgrade pip",
            "Obtaining dependency information for ": "I Obtaining dependency information for x",
        },
    ),
    notice(
        "uv",
        "https://docs.astral.sh/uv/",
        {
            "Creating virtual environment at: ": "I Creating virtual environment at: .venv",
            "Activate with: ": "I Activate with: source .venv/bin/activate",
            r"Bytecode compiled \d+ files? in ": "I Bytecode compiled 45 files in 12ms",
            r"Downloading (?:\S+ \([\d.]+ ?[KMG]?i?B\)|https?://\S+)\s*$": (
                "I Downloading cpython-3.12.3-linux-x86_64-gnu (28.1MiB)"
            ),
            "Downloading cpython-": "I Downloading cpython-3.12.3-linux-x86_64-gnu (28.1MiB)",
            r"Resolved \d+ packages? in ": "I Resolved 45 packages in 12ms",
            r"Prepared \d+ packages? in ": "I Prepared 2 packages in 1.2s",
            r"Installed \d+ packages? in ": "I Installed 45 packages in 12ms",
            r"Uninstalled \d+ packages? in ": "I Uninstalled 1 package in 1ms",
            r"Audited \d+ packages? in ": "I Audited 5 packages in 0.10ms",
        },
    ),
    notice(
        "Poetry",
        "https://python-poetry.org/docs/",
        {
            "Skipping virtualenv creation": (
                "I Skipping virtualenv creation, as specified in config file."
            ),
            "Installing dependencies from lock file": "I Installing dependencies from lock file",
            r"Package operations: \d+ installs?, ": (
                "I Package operations: 45 installs, 0 updates, 0 removals"
            ),
            r"Writing lock file\s*$": "I Writing lock file",
            r"Resolving dependencies\.\.\.": "I Resolving dependencies...",
        },
    ),
    notice(
        "conda",
        "https://docs.conda.io/",
        {
            "## Package Plan ##": "I ## Package Plan ##",
            "Retrieving notices: ": "I Retrieving notices: ...working... done",
            "Collecting package metadata ": (
                "I Collecting package metadata (current_repodata.json): ...working... done"
            ),
            r"Solving environment: (?:\.\.\.working\.\.\. )?done": (
                "I Solving environment: ...working... done"
            ),
            r"Preparing transaction: (?:\.\.\.working\.\.\. )?done": (
                "I Preparing transaction: ...working... done"
            ),
            r"Verifying transaction: (?:\.\.\.working\.\.\. )?done": (
                "I Verifying transaction: ...working... done"
            ),
            r"Executing transaction: (?:\.\.\.working\.\.\. )?done": (
                "I Executing transaction: ...working... done"
            ),
        },
    ),
    notice(
        "pnpm, progress",
        "https://pnpm.io/",
        {
            r"Progress: (?:resolved \d+, reused |\[ *\d{1,3}%\])": (
                "I Progress: resolved 45, reused 40, downloaded 5, added 0"
            ),
            r"Packages: [+\-]\d+": "I Packages: +45",
            r"Done in [\d.]+ ?m?s\b": "I Done in 1.2s",
            "Lockfile is up to date": "I Lockfile is up to date, resolution step is skipped",
        },
    ),
    notice(
        "dpkg, debconf",
        "https://manpages.debian.org/stable/dpkg/dpkg.1",
        {
            r"debconf: (?:(?:delaying|unable to initialize frontend|falling back|\())": (
                "I debconf: unable to initialize frontend: Dialog"
            ),
            "dpkg-preconfigure: unable to re-open stdin": (
                "I dpkg-preconfigure: unable to re-open stdin:"
            ),
            "Extracting templates from packages": "I Extracting templates from packages: 100%",
            "Selecting previously unselected package ": (
                "I Selecting previously unselected package x."
            ),
            "Preparing to unpack ": "I Preparing to unpack .../libx_1.0_amd64.deb ...",
            r"Unpacking \S+ \(": "I Unpacking libx (1.0-1) ...",
            r"Setting up \S+ \(": "I Setting up libx (1.0-1) ...",
            "Processing triggers for ": "I Processing triggers for libc-bin (2.36-9) ...",
            r"\(Reading database \.\.\. ": "I (Reading database ... 45%",
            "update-alternatives: using ": (
                "I update-alternatives: using /usr/bin/x to provide /usr/bin/y (y) in auto mode"
            ),
            r"invoke-rc\.d: (?:policy-rc\.d denied|could not determine)": (
                "I invoke-rc.d: policy-rc.d denied execution of start."
            ),
        },
    ),
    notice(
        "locales of Debian",
        "https://manpages.debian.org/stable/locales/locale-gen.8",
        {
            "[A-Z][a-z]+ing locale: ": "I Generating locale: en_US.UTF-8... done",
        },
        needs="ing locale: ",
    ),
    notice(
        "uv, indented",
        "https://docs.astral.sh/uv/",
        {
            r"[+\-~] [\w.\-]+==\d": "I  ~ x==0.1.0 (from file:///x)",
            r"Downloading \S+(?: \([\d.]+ ?[KMG]iB\)| @ \S+)?\s*$": "I  Downloading numpy",
            r"Downloaded \S+(?: \([\d.]+ ?[KMG]iB\)| @ \S+)?\s*$": "I  Downloaded numpy",
            r"Building \S+(?: \([\d.]+ ?[KMG]iB\)| @ \S+)?\s*$": "I    Building x @ file:///x",
            r"Built \S+(?: \([\d.]+ ?[KMG]iB\)| @ \S+)?\s*$": "I       Built x @ file:///x",
            r"Prepared \S+(?: \([\d.]+ ?[KMG]iB\)| @ \S+)?\s*$": "I  Prepared pkg @ file:///x",
        },
        indented=True,
    ),
    notice(
        "Composer, Poetry",
        "https://getcomposer.org/doc/",
        {
            r"- Installing \S+ \(": "I   - Installing numpy (1.26.0)",
        },
        indented=True,
    ),
)
