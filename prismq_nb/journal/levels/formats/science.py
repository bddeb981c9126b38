"""What tools for data and science print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LINE, PARAGRAPHS, Format, notice
from prismq_nb.journal.levels.grammar.words import ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "R, a warning below",
        "https://stat.ethz.ch/R-manual/R-devel/library/base/html/warning.html",
        {
            r"Warning message:\s*$": "W Warning message:",
        },
        WARNING,
        follows=LINE,
    ),
    Format(
        "R",
        "https://stat.ethz.ch/R-manual/R-devel/library/base/html/warning.html",
        {
            "In addition: Warning messages?:": "W In addition: Warning message:",
            r"Warning messages?:(?!\s*$)": "W Warning messages: 1: In f(x) : oops",
            "Warning in .{1,200}? ?:": "W Warning in install.packages :",
        },
        WARNING,
    ),
    Format(
        "R, MATLAB, shells",
        "https://stat.ethz.ch/R-manual/R-devel/library/base/html/stop.html",
        {
            r"Error in (?!sys\.excepthook:|atexit\._run_exitfuncs:).{1,200}? ?:": (
                "E Error in library(x) : there is no package called ‘x’"
            ),
            r"Error in \S{1,200} \(line \d+\)": "E Error in x (line 3)",
            r"Error using \S": "E Error using zeros",
        },
        ERROR,
    ),
    Format(
        "OpenFOAM",
        "https://www.openfoam.com/documentation/",
        {
            "--> FOAM (FATAL|Warning) ": ("C --> FOAM FATAL ERROR: ", "W --> FOAM Warning : "),
        },
    ),
    Format(
        "BWA, minimap2",
        "https://github.com/lh3/minimap2",
        {
            r"\[M::[\w.]+\] ": "I [M::bwa_idx_load_from_disk] read 0 ALT contigs",
        },
        INFO,
    ),
    Format(
        "FFmpeg, progress",
        "https://ffmpeg.org/ffmpeg.html",
        {
            r"frame= *\d+ fps=": (
                "I frame=  100 fps=0.0 q=28.0 size=     256KiB time=N/A bitrate=N/A speed=N/A"
            ),
            r"size= *\d+(?:kB|KiB) time=": (
                "I size=     256kB time=00:00:10.00 bitrate= 128.0kbits/s"
            ),
        },
        INFO,
    ),
    notice(
        "FFmpeg",
        "https://ffmpeg.org/ffmpeg.html",
        {
            "ffmpeg version ": (
                "I ffmpeg version 6.1 Copyright (c) 2000-2023 the FFmpeg developers"
            ),
            "ffprobe version ": (
                "I ffprobe version n6.0 Copyright (c) 2007-2023 the FFmpeg developers"
            ),
            "ffplay version ": "I ffplay version 6.0",
            r"Input #\d+, ": "I Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'in.mp4':",
            r"Output #\d+, ": "I Output #0, mp4, to 'out.mp4':",
            r"Stream mapping:\s*$": "I Stream mapping:",
            r"Press \[q\] to stop": "I Press [q] to stop, [?] for help",
            r"video:\d+\w+ audio:\d": "I video:240kB audio:0kB subtitle:0kB other",
        },
    ),
    notice(
        "Julia",
        "https://pkgdocs.julialang.org/",
        {
            "Precompiling project": "I Precompiling project...",
            "Precompiling packages": "I Precompiling packages...",
        },
    ),
    notice(
        "R, packages",
        "https://cran.r-project.org/doc/manuals/R-admin.html",
        {
            "Loading required (?:package|namespace): ": "I Loading required package: ggplot2",
            "Welcome to ": "I Welcome to x",
            r"This is [\w.]+,? (?:version )?v?\d": "I This is bayesplot version 1.10.0",
            "Using libcurl ": "I Using libcurl 7.88.1 with GnuTLS/3.7.9",
            r"Saving (?:[\d.]+ x [\d.]+ in image|model checkpoint to )": (
                "I Saving model checkpoint to out/checkpoint-500"
            ),
            r"Scale for \S+ is already present": "I Scale for y is already present.",
            "Setting default kernel parameters": "I Setting default kernel parameters",
            r"✖ \w[\w.]*::\S{1,80} masks ": "I ✖ dplyr::filter() masks stats::filter()",
            r"Rows: \d+ Columns: \d": "I Rows: 32 Columns: 11",
            "Installing packages? into ": (
                "I Installing package into ‘/usr/local/lib/R/site-library’"
            ),
            r"\(as ‘lib’ is unspecified": "I (as ‘lib’ is unspecified)",
            "trying URL '": (
                "I trying URL 'https://cloud.r-project.org/src/contrib/R6_2.5.1.tar.gz'"
            ),
            "Content type '": "I Content type 'application/x-gzip' length 63422 bytes (61 KB)",
            r"downloaded \d[\d.]* (?:bytes|[KMG]?B)\s*$": "I downloaded 61 KB",
            r"\* installing \*": "I * installing *source* package ‘R6’ ...",
            r"\*\* (?:using|testing|package|R$|byte-compile|help$|installing|libs|data|inst"
            r"|building|checking|\*\*\* installing|moving|arch)": (
                "I ** package ‘R6’ successfully unpacked and MD5 sums checked"
            ),
            r"\* DONE \(": "I * DONE (R6)",
            r"`summarise\(\)` has grouped output": "I `summarise()` has grouped output by 'cyl",
            r"`geom_\w+\(\)` using ": "I `geom_smooth()` using formula = 'y ~ x'",
            r"`stat_\w+\(\)` using ": (
                "I `stat_bin()` using `bins = 30`. Pick better value with `binwidth`."
            ),
            "Joining(?: with `by = |, by = )": "I Joining with `by = join_by(id)`",
            r"Registered S\d methods? overwritten by ": (
                "I Registered S3 method overwritten by 'quantmod':"
            ),
        },
    ),
    notice(
        "R, packages, paragraphs",
        "https://cran.r-project.org/doc/manuals/R-admin.html",
        {
            "Attaching package: ": "I Attaching package: ‘dplyr’",
            "The following object(?:s are| is) masked (?:from|_by_)": (
                "I The following object is masked from ‘package:base’:"
            ),
            "── (?:Attaching |Conflicts |Column specification )": (
                "I ── Attaching core tidyverse packages ──────────────────────── tidyverse 2.0.0 ──"
            ),
            "The downloaded (?:source|binary) packages are in": (
                "I The downloaded source packages are in"
            ),
        },
        follows=PARAGRAPHS,
    ),
    notice(
        "Spark",
        "https://spark.apache.org/docs/latest/configuration.html",
        {
            'Setting default log level to "': 'I Setting default log level to "WARN".',
            "Ivy Default Cache set to: ": "I Ivy Default Cache set to: /root/.ivy2/cache",
            "The jars for the packages stored in: ": (
                "I The jars for the packages stored in: /root/.ivy2/jars"
            ),
            r"To adjust logging level use sc\.setLogLevel": (
                "I To adjust logging level use sc.setLogLevel"
            ),
            r"Using Spark's default log\dj profile": (
                "I Using Spark's default log4j profile: org/apache/spark/log4j2-defaults.properties"
            ),
            ":: (?:loading settings|resolving dependencies|resolution report|retrieving) ::": (
                "I :: loading settings :: url = jar:file:/x"
            ),
        },
    ),
    notice(
        "snakemake",
        "https://snakemake.readthedocs.io/",
        {
            "Building DAG of jobs": "I Building DAG of jobs...",
            "Using shell: ": "I Using shell: /usr/bin/bash",
            r"Provided cores: \d": "I Provided cores: 2",
            "Rules claiming more threads": "I Rules claiming more threads will be scaled down.",
            r"Job stats:\s*$": "I Job stats:",
            "Select jobs to execute": "I Select jobs to execute...",
            r"Finished job(?:id:)? \d": "I Finished job 3.",
            "Complete log: ": "I Complete log: .snakemake/log/x.log",
            r"rule \w+:\s*$": "I rule x:",
            r"localrule \w+:\s*$": "I localrule all:",
        },
    ),
    notice(
        "Nextflow",
        "https://www.nextflow.io/docs/latest/",
        {
            "N E X T F L O W ": "I N E X T F L O W  ~  version 23.10.0",
            "executor > ": (
                "I executor >  local (3):  45%|████▌     | 9/20 [00:10<00:12,  1.10s/it]"
            ),
        },
    ),
    notice(
        "GNU parallel",
        "https://www.gnu.org/software/parallel/",
        {
            "Computers / CPU cores / Max jobs to run": "I Computers / CPU cores / Max jobs to run",
            "Academic tradition requires you to cite": (
                "I Academic tradition requires you to cite works you base your article on."
            ),
        },
    ),
    notice(
        "FFmpeg, warnings",
        "https://ffmpeg.org/ffmpeg.html",
        {
            r"\[swscaler @ \dx[\da-f]{4,16}\] deprecated pixel format ": (
                "W [swscaler @ 0x55d5c8a5d240] deprecated pixel format u"
            ),
        },
        WARNING,
    ),
    notice(
        "FFmpeg, codecs",
        "https://ffmpeg.org/ffmpeg.html",
        {
            r"\[[\w#/:,]{1,40} @ \dx[\da-f]{4,16}\] (?:video:|using |frame |profile |\d{3} "
            r"|mb |kb/s|ref |coded |\dx\d|i\d|Weighted|Qavg|\[info\])": (
                "I [libx264 @ 0x55d5c8a5d240] using cpu capabilities: MMX2 SSE2Fast"
            ),
        },
    ),
    notice(
        "snakemake, steps",
        "https://snakemake.readthedocs.io/",
        {
            r"\d+ of \d+ steps \(\d": "I 45 of 100 steps (45%) done",
            r"\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\]\s"
            "*$": "I [Mon Jan  1 00:00:00 2024]",
        },
    ),
    notice(
        "Nextflow, processes",
        "https://www.nextflow.io/docs/latest/",
        {
            r"\[[\da-f]{2}/[\da-f]{6}\] (?:(?:Subm|Re-subm|Cach)itted|process > "
            r"|[\w:]+ (?:\([^)\n]{1,60}\) +)?\[ *\d{1,3}%\] )": (
                "I [ab/123456] process > FOO (12) [ 45%] 45 of 100"
            ),
        },
    ),
    notice(
        "Julia's Pkg, indented",
        "https://pkgdocs.julialang.org/",
        {
            "Activating (?:new )?project": "I   Activating project at `~/x`",
            "Resolving package versions": "I    Resolving package versions...",
            "Updating (?:registry|git-repo|`)": (
                "I    Updating registry at `~/.julia/registries/General.toml`"
            ),
            "No Changes to `": "I   No Changes to `~/x/Manifest.toml`",
            r"Installed \S+ ─": "I   Installed JSON ───────── v0.21.4",
            r"Cloning \[": "I     Cloning [a1b2] from https://github.com/x/y.jl",
            "Precompiling project": "I  Precompiling project...",
            r"\[[0-9a-f]{8}\] ": "I   [682c06a0] + JSON v0.21.4",
            r"\d+ dependenc(?:y|ies) successfully precompiled": (
                "I   45 dependencies successfully precompiled in 12 seconds"
            ),
            "Testing [A-Z]": "I      Testing Example",
            "Status `": "I      Status `/tmp/jl/Project.toml`",
            r"[\d.]+ ms  ✓ ": "I    1234.5 ms  ✓ JSON",
        },
        indented=True,
    ),
    notice(
        "FFmpeg, indented",
        "https://ffmpeg.org/ffmpeg.html",
        {
            "built with (?:gcc|Apple|clang)": "I   built with gcc 12 (Debian 12.2.0-14)",
            "configuration: --": "I   configuration: --enable-gpl",
            r"lib(?:av|sw|postproc)\w* +\d+\. *\d": "I   libavutil      57. 28.100 / 57. 28.100",
        },
        indented=True,
    ),
)
