"""What well-known tools print to stderr that is no error: traces, banners, progress, notices.

A line of stderr without a level is an ERROR; these are known by their full beginnings. A table that
grows: each entry is literal text with which the line begins, and a pattern for what follows. The
samples are in ``tests/journal/samples/notes.txt`` and ``tools.txt``. Imports nothing.
"""

from __future__ import annotations

from typing import Final

__all__ = ["INDENTED", "INDENTED_FIRST", "NOTES", "SHAPES", "WARNINGS"]

NOTES: Final = {
    # bash and zsh: `set -x`, with the usual PS4; `time`; jobs
    "+": r"\+{0,9}(?: |\([^)\n]{1,200}\): ?|[\w./\-]{1,200}:\d+(?:>|:(?:\w+:)?) ?)(?=[^\s\d])",
    "real": r"(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$",
    "user": r"(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$",
    "sys": r"(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$",
    "nohup: ignoring input": "",
    # prompts of getpass, sudo, ssh, git, which end where they wait
    "Password:": r"\s*$",
    "password:": r"\s*$",
    "Password for ": r"[^\n]{1,200}:\s*$",
    "[sudo] password for ": r"[^\n]{1,200}:\s*$",
    "Enter password": r"(?: for [^\n]{1,200})?:\s*$",
    "Enter passphrase": r"(?: for [^\n]{1,200})?:\s*$",
    "Passphrase:": r"\s*$",
    "Username": r"(?: for '[^\n]{1,200})?:\s*$",
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
    "remote:": r"\s*$",
    "Your branch is ": "",
    "Fetching ": r"(?:origin|upstream|submodule |cluster endpoint)",
    "Auto-merging ": "",
    "Delta compression using ": "",
    "Enumerating objects: ": "",
    "Total ": r"\d+ \(delta ",
    "Applying: ": "",
    "Deleted branch ": r"\S+ \(was ",
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
    "Precompiling packages": "",
    "Welcome to ": "",
    "This is ": r"[\w.]+,? (?:version )?v?\d",
    "Using libcurl ": "",
    "Saving ": r"(?:[\d.]+ x [\d.]+ in image|model checkpoint to )",
    "Scale for ": r"\S+ is already present",
    "Setting default kernel parameters": "",
    "Attaching package: ": "",
    "The following object": r"(?:s are| is) masked (?:from|_by_)",
    "\u2500\u2500 ": r"(?:Attaching |Conflicts |Column specification )",
    "\u2716 ": r"\w[\w.]*::\S{1,80} masks ",
    "Rows: ": r"\d+ Columns: \d",
    "Installing package": r"s? into ",
    "(as \u2018lib\u2019 is unspecified": "",
    "trying URL '": "",
    "Content type '": "",
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
    "Ivy Default Cache set to: ": "",
    "The jars for the packages stored in: ": "",
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
    "- This IS ": r"(?:NOT )?expected if you are initializing ",
    "loading ": r"(?:configuration file|weights file|file) ",
    "Model config ": r"\w+ \{\s*$",
    "All model checkpoint ": r"(?:weights|layers) were used when ",
    "All the ": r"(?:weights|layers) of \w+ were initialized from ",
    "***** Running ": "",
    "Configuration saved in ": "",
    "Model weights saved in ": "",
    "tokenizer config file saved in ": "",
    "Special tokens file saved in ": "",
    "TensorBoard ": r"\d[\d.]* at http",
    "Serving TensorBoard on ": "",
    "Epoch ": r"\d+/\d+\s*$",
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
    "##": r"[#O=\- ]*\s*$",
    "--20": r"\d\d-\d\d-\d\d \d\d:\d\d:\d\d--  ",
    "Resolving ": r"\S+ \([^)\n]{1,200}\)\.\.\. ",
    "Connecting to ": r"[^\n]{1,200}\.\.\. connected",
    "HTTP request sent, awaiting response... 2": "",
    "HTTP request sent, awaiting response... 3": "",
    "Length: ": r"(?:\d|unspecified)",
    "Saving to: ": "",
    "Location: ": r"\S+ \[following\]\s*$",
    # pip, uv, conda
    "[notice] ": "",
    "Creating virtual environment at: ": "",
    "Activate with: ": "",
    "Bytecode compiled ": r"\d+ files? in ",
    "Downloading ": r"(?:\S+ \([\d.]+ ?[KMG]?i?B\)|https?://\S+)\s*$",
    "Skipping virtualenv creation": "",
    "Installing dependencies from lock file": "",
    "Package operations: ": r"\d+ installs?, ",
    "Writing lock file": r"\s*$",
    "Resolving dependencies...": "",
    "## Package Plan ##": "",
    "Retrieving notices: ": "",
    # pnpm
    "Progress: ": r"(?:resolved \d+, reused |\[ *\d{1,3}%\])",
    "Packages: ": r"[+\-]\d+",
    "Done in ": r"[\d.]+ ?m?s\b",
    "Lockfile is up to date": "",
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
    "=> ": r"(?!ERROR\b)",
    "#": r"\d+ (?:\[|\d+\.\d+ |building with |CANCELED|CACHED|DONE \d|sha\d{3}:|transferring |extracting |exporting |naming to "
    r"|writing image|resolve |pushing |preparing |sending |unpacking |\.\.\.)",
    "[+] ": r"(?:Building|Running|Pulling|Creating|Stopping|Up|Down) ",
    "Unable to find image '": r"[^'\n]{1,200}' locally",
    "Digest: sha256:": "",
    "Using default tag: ": "",
    "docker.io/": r"\S+\s*$",
    # kubectl, helm, gcloud, gsutil
    'Defaulted container "': "",
    "Waiting for ": r"(?:deployment|daemon set|statefulset|operation) ",
    "If you don't see a command prompt": "",
    "Hang tight while we grab ": "",
    "Fetched [": "",
    "Created [": "",
    "Deleted [": "",
    "Updated ": r"(?:property )?\[",
    "Activated service account ": "",
    "Your active configuration is: ": "",
    "Updates are available for some ": "",
    "kubeconfig entry generated for ": "",
    "Copying ": r"(?:file|gs|s3)://",
    "Status: ": r"(?:Downloaded newer image|Image is up to date) for ",
    "make: ": r"(?:Entering |Leaving |Nothing to be done for |['`][^\n]{0,200}' is up to date\.$)",
    "make[": r"\d+\]: (?:Entering |Leaving |Nothing to be done for |['`][^\n]{0,200}' is up to date\.$)",
    "ninja: ": r"(?:Entering directory |no work to do)",
    "-- ": r"(?:Could NOT find|Selecting|Setting|Building|Enabl|Disabl|Adding|Downloading|Populating"
    r"|Fetching|Skipping|The \w+ compiler|Configuring|Generating|Build files|Detecting|Check|Found|Looking"
    r"|Performing|Installing|Up-to-date|Using)",
    "cc1: all warnings being treated": "",
    "cc1plus: all warnings being treated": "",
    "Starting a Gradle Daemon": "",
    # ssh, tar, Debian's tools, systemd
    "Pseudo-terminal will not be allocated": "",
    "Connection to ": r"\S+ closed\.\s*$",
    "Shared connection to ": r"\S+ closed\.\s*$",
    "Killed by signal 1.": "",
    "Authenticated to ": "",
    "OpenSSH_": r"\d",
    "tar: Removing leading `": "",
    "debconf: ": r"(?:delaying|unable to initialize frontend|falling back|\()",
    "dpkg-preconfigure: unable to re-open stdin": "",
    "Extracting templates from packages": "",
    "Selecting previously unselected package ": "",
    "Preparing to unpack ": "",
    "Unpacking ": r"\S+ \(",
    "Setting up ": r"\S+ \(",
    "Processing triggers for ": "",
    "(Reading database ... ": "",
    # rsync -v
    "sending incremental file list": "",
    "receiving incremental file list": "",
    "sent ": r"[\d,.]+[KMG]? bytes  received ",
    "total size is ": r"[\d,.]+",
    # snakemake, Nextflow, GNU parallel
    "Building DAG of jobs": "",
    "Using shell: ": "",
    "Provided cores: ": r"\d",
    "Rules claiming more threads": "",
    "Job stats:": r"\s*$",
    "Select jobs to execute": "",
    "Finished job": r"(?:id:)? \d",
    "Complete log: ": "",
    "rule ": r"\w+:\s*$",
    "localrule ": r"\w+:\s*$",
    "N E X T F L O W ": "",
    "executor > ": "",
    "Computers / CPU cores / Max jobs to run": "",
    "Academic tradition requires you to cite": "",
    "Created symlink ": "",
    "Removed ": r"\"?/\S+\.(?:service|socket|timer|target)\"?\.\s*$",
    "Running as unit: ": "",
    "invoke-rc.d: ": r"(?:policy-rc\.d denied|could not determine)",
    "update-alternatives: using ": "",
    # Python
    "Ran ": r"\d+ tests? in ",
    "OK": r"(?: \(|\s*$)",
    "Python ": r"\d\.\d+\.\d",
    "Obtaining dependency information for ": "",
    "Serving HTTP on ": "",
}  # fmt: skip
WARNINGS: Final = {
    "Some weights of ": r"[^\n]{0,200}were not (?:initialized|used)",
    "You should probably TRAIN this model": "",
    "huggingface/tokenizers: The current process": "",
    "To disable this warning, you can either": "",
    "Setting `pad_token_id` to": "",
    "Token indices sequence length is longer": "",
    "Special tokens have been added": "",
    "The attention mask": r" (?:and the pad token id were|is) not set",
    "Using a slow image processor": "",
    "No GPU/TPU found, falling back to CPU": "",
    "[swscaler @ 0x": r"[\da-f]{4,16}\] deprecated pixel format ",
    "tar: ": r"[^\n]{1,200}: file changed as we read it\s*$",
}
# A row of curl's meter, which it draws again and again.
_CURL: Final = (
    r"\d{1,3}(?: +[\d.]{1,9}[kMGTP]? +\d{1,3}){2} +[\d.]{1,9}[kMGTP]?(?: +[\d.]{1,9}[kMGTP]?){2}"
    r" +(?:--:--:--|\d{1,3}:\d\d:\d\d|\d{1,3}d \d\dh) "
)
# What begins with something else than literal text.
SHAPES: Final = (
    r"(?P<dd>\d+\+\d+ records (?:in|out)\s*$|\d+ bytes? (?:\([^)\n]{1,60}\) )?(?:copied, |transferred in ))"
    r"|(?P<time>[A-Za-z./]\S*(?: \S+)? {2}\d+\.\d+s user \d+\.\d+s system \d+% cpu |\d+\.\d+user \d+\.\d+system "
    r"|\d+inputs\+\d+outputs )"
    r"|(?P<ffmpeg>\[[\w#/:,]{1,40} @ \dx[\da-f]{4,16}\] (?:video:|using |frame |profile |\d{3} |mb |kb/s|ref |coded "
    r"|\dx\d|i\d|Weighted|Qavg|\[info\]))"
    r"|(?P<wget>\S{1,120} +\d{3}%\[=+>?\] |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \([\d.]+ [KMG]?B/s\) - )"
    r"|(?P<gcc>[^\s:]{1,200}: In (?:static )?(?:member )?(?:function|constructor|destructor|instantiation)"
    r"|\d+ warnings? generated\.\s*$)"
    r"|(?P<docker>[\w.\-]{1,60}: (?:Pulling from |Pulling fs layer|Pull complete|Download complete"
    r"|Verifying Checksum|Already exists|Waiting|Downloading|Extracting|Preparing|Pushing|Pushed|Mounted from"
    r"|Layer already exists)|latest: digest: )"
    r"|(?P<unittest>test\w* \([\w.]{1,200}\) ?\.\.\. (?:ok|skipped|expected failure)|test\w* \([\w.]{1,200}\)$)"
    r"|(?P<jobs>\[\d+\] \d{2,8}\s*$|\[\d+\][+\-]? +(?:Done|Running) )"
    r"|(?P<rule>[-=]{20,}\s*$)"
    r"|(?P<ninja>\[ {0,6}\d{1,7}/\d{1,7}\] [A-Z][a-z]+ing |\[(?=[ \d]{3}%) *\d{1,3}%\] (?:[A-Z][a-z]+ing|Built target) )"
    r"|(?P<xdist>\[gw\d{1,3}\] \[ *\d{1,3}%\] (?:PASSED|SKIPPED|XFAIL|XPASS) )"
    r"|(?P<steps>\d+ of \d+ steps \(\d)"
    r"|(?P<nextflow>\[[\da-f]{2}/[\da-f]{6}\] (?:(?:Subm|Re-subm|Cach)itted|process > |[\w:]+ (?:\([^)\n]{1,60}\) +)?\[ *\d{1,3}%\] ))"
    r"|(?P<snakemake>\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\]\s*$)"
    r"|(?P<ivy>[\w.\-]{1,100}#\S{1,100} added as a dependency)"
    r"|(?P<gradle>\.{1,20}\d{1,3}%[.\d%]*\s*$)"
    # the summary of Lightning's models
    r"|(?P<lightning>\d+ +\| \w[\w.]* +\| \w+ +\| [\d.]+ ?[KMBT]? *(?:\||$)|[\d.,]+ ?[KMBT]? +(?:Trainable params|Non-trainable params"
    r"|Total params|Total estimated model params|Modules in (?:train|eval) mode))"
    r"|(?P<locale>[A-Z][a-z]+ing locale: )"
)  # fmt: skip
# Indented: git, Julia, uv, docker, GNU time, curl, R.
INDENTED: Final = (
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
    r"|" + _CURL + r"|[\d,.]{1,24}[kMGT]? +\d{1,3}% +[\d.]+[kMGT]?B/s +\d+:\d\d:\d\d"
    r"|- Installing \S+ \(|(?:Testing [A-Z]|Status `|[\d.]+ ms  ✓ )|confs: \[|found \S+ in \S+\s*$|\| +(?:Name|#) +\| Type "
    r"|Num (?:examples|Epochs) = |Instantaneous batch size |Total (?:train batch size|optimization steps) "
    r"|Gradient Accumulation steps = |Batch size = |built with (?:gcc|Apple|clang)|configuration: --|lib(?:av|sw|postproc)\w* +\d+\. *\d"
)
#: How those begin that are indented: `prefilter` must not pass over them on stderr.
INDENTED_FIRST: Final = (
    _CURL.encode() + rb"|"
    rb"[0-9a-f][0-9a-f]{6,39}\.\.|Activ|Resolv|Updat|No Ch|Instal|Clon|Precom|\d\d* dep|[+\-~] [\w.\-]++=="
    rb"|Down|Buil|Prep|=>|Contai|Netw|Vol|Image|Comm|User t|System t|Percent|Elapsed|Average|Maxim|Major|Minor|Invol"
    rb"|Swaps|File sys"
    rb"|[\d,.]{1,24}[kMGT]? ++\d{1,3}% |- Ins|Test|Stat|confs|found |\| |Num |Inst|Total |Grad|Batch|Socket|Signals"
    rb"|Page s|Exit s|built with|configuration:|lib"
)
