"""What shells, the tools of every system, git, ssh and tools for downloads print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import notice
from prismq_nb.journal.levels.grammar.words import WARNING

FORMATS: Final = (
    notice(
        "bash -x",
        "https://www.gnu.org/software/bash/manual/bash.html#The-Set-Builtin",
        {
            r"\+(?:\+{0,9}(?: |\([^)\n]{1,200}\): ?|[\w./\-]{1,200}:\d+(?:>"
            r"|:(?:\w+:)?) ?)(?=[^\s\d]))": "I +(run.sh:12): main: echo hello",
        },
    ),
    notice(
        "time",
        "https://www.gnu.org/software/bash/manual/bash.html#Pipelines",
        {
            r"real(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$": "I real	0m0.005s",
            r"user(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$": "I user	0m0.001s",
            r"sys(?:\t\d+m[\d.,]+s| +\d+[.,]\d+)\s*$": "I sys	0m0.004s",
        },
    ),
    notice(
        "nohup",
        "https://man7.org/linux/man-pages/man1/nohup.1.html",
        {
            "nohup: ignoring input": "I nohup: ignoring input and appending output to 'nohup.out'",
        },
    ),
    notice(
        "prompts of getpass, sudo, ssh, git",
        "https://man7.org/linux/man-pages/man3/getpass.3.html",
        {
            r"Password:\s*$": "I Password: ",
            r"password:\s*$": "I password: ",
            r"Password for [^\n]{1,200}:\s*$": "I Password for 'https://ann@example.org': ",
            r"\[sudo\] password for [^\n]{1,200}:\s*$": "I [sudo] password for ann: ",
            r"Enter password(?: for [^\n]{1,200})?:\s*$": "I Enter password for ann: ",
            r"Enter passphrase(?: for [^\n]{1,200})?:\s*$": (
                "I Enter passphrase for key '/home/ann/.ssh/id_ed25519': "
            ),
            r"Passphrase:\s*$": "I Passphrase: ",
            r"Username(?: for '[^\n]{1,200})?:\s*$": "I Username for 'https://example.org': ",
        },
    ),
    notice(
        "git",
        "https://git-scm.com/docs",
        {
            "Cloning into (?:bare repository )?'": "I Cloning into 'numpy'...",
            "remote: (?!(?i:error|fatal|warning))": (
                "I remote: Compressing objects: 100% (45/45), done."
            ),
            r"done\.\s*$": "I done.",
            "Switched to (?:a new |and reset )?branch '": "I Switched to a new branch 'topic/x'",
            "Already on '": "I Already on 'main'",
            r"HEAD is now at [\da-f]{4}": "I HEAD is now at 86c3ced A run tells of its terminal",
            "Previous HEAD position was ": "I Previous HEAD position was 86c3ced A run",
            r"hint:(?:\s|$)": "I hint: Using 'master' as the name for the initial branch.",
            r"From (?:https?://|ssh://|git://|file://|[\w.\-]+@[\w.\-]+:|github\.com:|/"
            r"|\.\.?/)\S+\s*$": "I From https://github.com/numpy/numpy",
            r"To (?:https?://|ssh://|git://|file://|[\w.\-]+@[\w.\-]+:|github\.com:|/"
            r"|\.\.?/)\S+\s*$": "I To github.com:me/x.git",
            "Everything up-to-date": "I Everything up-to-date",
            r"Submodule (?:(?:path )?'[^'\n]{1,200}'(?: \([^)\n]{1,200}\) registered"
            "|: checked out|: rebased))": "I Submodule path 'lib/x': checked out '86c3ced'",
            "Auto packing the repository": (
                "I Auto packing the repository in background for optimum performance."
            ),
            r"branch '[^'\n]{1,200}' set up to track": "I branch 'x' set up to track 'origin/x'.",
            r"Rebasing \(\d+/\d+\)": "I Rebasing (1/3)",
            "Successfully rebased and updated ": (
                "I Successfully rebased and updated refs/heads/topic."
            ),
            r"remote:\s*$": "I remote:",
            "Your branch is ": "I Your branch is up to date with 'origin/main'.",
            "Fetching (?:origin|upstream|submodule |cluster endpoint)": "I Fetching submodule x",
            "Auto-merging ": "I Auto-merging x",
            "Delta compression using ": "I Delta compression using up to 8 threads",
            "Enumerating objects: ": "I Enumerating objects: 5, done.",
            r"Total \d+ \(delta ": "I Total 3 (delta 2), reused 0 (delta 0), pack-reused 0",
            "Applying: ": "I Applying: fix x",
            r"Deleted branch \S+ \(was ": "I Deleted branch x (was 86c3ced).",
        },
    ),
    notice(
        "curl -v",
        "https://curl.se/docs/manpage.html",
        {
            r"\* (?:Trying \S+:\d|Connect(?:ed|ion) |Host \S+ was resolved|IPv\d: |ALPN|TLSv"
            "|SSL |Server certificate|  |Using HTTP|using HTTP|Closing connection"
            "|Mark bundle|Re-using|Issue another)": (
                "I * Connected to localhost (127.0.0.1) port 80 (#0)"
            ),
            r"> (?:(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT) \S+ HTTP/"
            r"|[A-Za-z][A-Za-z\-]*: )": "I > Host: localhost",
            r">\s*$": "I >",
            r"< (?:HTTP/[\d.]+ \d|[A-Za-z][A-Za-z\-]*: )": "I < Content-Type: text/html",
            r"<\s*$": "I <",
            r"\{ \[\d+ bytes data\]": "I { [1234 bytes data]",
            r"\} \[\d+ bytes data\]": "I } [5 bytes data]",
        },
    ),
    notice(
        "curl -#",
        "https://curl.se/docs/manpage.html",
        {
            r"####*(?: +\d{1,3}[.,]\d%|\s*$)": (
                "I ######################################################################## 100.0%"
            ),
            r"##[#O=\- ]*\s*$": "I ##O#-#",
        },
    ),
    notice(
        "wget, messages",
        "https://www.gnu.org/software/wget/manual/wget.html",
        {
            r"--\d\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d--  ": (
                "I --2024-01-02 10:00:00--  https://example.org/x.tgz"
            ),
            r"Resolving \S+ \([^)\n]{1,200}\)\.\.\. ": (
                "I Resolving example.org (example.org)... 93.184.216.34"
            ),
            r"Connecting to [^\n]{1,200}\.\.\. connected": (
                "I Connecting to x (x)|1.2.3.4|:443... connected."
            ),
            r"HTTP request sent, awaiting response\.\.\. \d": (
                "I HTTP request sent, awaiting response... 302 Found"
            ),
            r"Length: (?:\d|unspecified)": "I Length: 1234 (1.2K) [text/html]",
            "Saving to: ": "I Saving to: ‘x.tgz’",
            r"Location: \S+ \[following\]\s*$": "I Location: https://z/y [following]",
        },
    ),
    notice(
        "OpenSSH",
        "https://man.openbsd.org/ssh",
        {
            "Pseudo-terminal will not be allocated": (
                "I Pseudo-terminal will not be allocated because stdin is not a terminal."
            ),
            r"Connection to \S+ closed\.\s*$": "I Connection to example.org closed.",
            r"Shared connection to \S+ closed\.\s*$": "I Shared connection to example.org closed.",
            r"Killed by signal \d\.": "I Killed by signal 1.",
            "Authenticated to ": "I Authenticated to example.org ([1.2.3.4]:22).",
            r"OpenSSH_\d": "I OpenSSH_9.2p1 Debian-2+deb12u2, OpenSSL 3.0.11 19 Sep 2023",
        },
    ),
    notice(
        "tar",
        "https://www.gnu.org/software/tar/manual/",
        {
            "tar: Removing leading `": "I tar: Removing leading `/' from member names",
        },
    ),
    notice(
        "rsync -v",
        "https://download.samba.org/pub/rsync/rsync.1",
        {
            "sending incremental file list": "I sending incremental file list",
            "receiving incremental file list": "I receiving incremental file list",
            r"sent [\d,.]+[KMG]? bytes  received ": (
                "I sent 1,234 bytes  received 45 bytes  2,558.00 bytes/sec"
            ),
            r"total size is [\d,.]+": "I total size is 1,234  speedup is 0.96",
        },
    ),
    notice(
        "tar, warnings",
        "https://www.gnu.org/software/tar/manual/",
        {
            r"tar: [^\n]{1,200}: file changed as we read it\s*$": (
                "W tar: x/y: file changed as we read it"
            ),
        },
        WARNING,
    ),
    notice(
        "dd",
        "https://man7.org/linux/man-pages/man1/dd.1.html",
        {
            r"\d+\+\d+ records (?:in|out)\s*$": "I 1+0 records out",
            r"\d+ bytes? (?:\([^)\n]{1,60}\) )?(?:copied, |transferred in )": (
                "I 1048576 bytes (1.0 MB, 1.0 MiB) copied, 0.000442 s, 2.4 GB/s"
            ),
        },
    ),
    notice(
        "time, one line",
        "https://man7.org/linux/man-pages/man1/time.1.html",
        {
            r"\d+\.\d+user \d+\.\d+system ": (
                "I 0.00user 0.00system 0:01.00elapsed 0%CPU (0avgtext+0avgdata 1944maxresident)k"
            ),
            r"\d+inputs\+\d+outputs ": "I 0inputs+0outputs (0major+84minor)pagefaults 0swaps",
        },
    ),
    notice(
        "zsh time",
        "https://zsh.sourceforge.io/Doc/Release/Parameters.html",
        {
            r"[A-Za-z./]\S*(?: \S+)? {2}\d+\.\d+s user \d+\.\d+s system \d+% cpu ": (
                "I python x.py  0.02s user 0.01s system 95% cpu 0.031 total"
            ),
        },
        needs="s user ",
    ),
    notice(
        "wget",
        "https://www.gnu.org/software/wget/manual/wget.html",
        {
            r"\S{1,120} +\d{3}%\[=+>?\] ": (
                "I x.tgz               100%[===================>]   1.23K  --.-KB/s    in 0s"
            ),
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \([\d.]+ [KMG]?B/s\) - ": (
                "I 2024-01-01 00:00:01 (12.3 MB/s) - ‘y’ saved [1234/1234]"
            ),
        },
        needs=r"%\[=|B/s\) - ",
    ),
    notice(
        "jobs",
        "https://www.gnu.org/software/bash/manual/bash.html#Job-Control",
        {
            r"\[\d+\] \d{2,8}\s*$": "I [1] 12345",
            r"\[\d+\][+\-]? +(?:Done|Running) ": "I [1]+  Done                    sleep 1",
        },
    ),
    notice(
        "rules",
        "https://docs.python.org/3/library/unittest.html",
        {
            r"[-=]{20,}\s*$": "I ==================================================",
        },
    ),
    notice(
        "git fetch",
        "https://git-scm.com/docs/git-fetch",
        {
            r"[0-9a-f]{7,40}\.\.\.?[0-9a-f]{7,40} +\S+ +-> ": (
                "I    86c3ced..0da18a5  main       -> origin/main"
            ),
            r"\* \[new (?:branch|tag|ref)\] ": "I  * [new branch]      dev        -> origin/dev",
        },
        indented=True,
    ),
    notice(
        "GNU time -v",
        "https://man7.org/linux/man-pages/man1/time.1.html",
        {
            "Command being timed": 'I 	Command being timed: "ls"',
            r"User time \(": "I 	User time (seconds): 0.00",
            r"System time \(": "I 	System time (seconds): 0.00",
            "Percent of CPU": "I 	Percent of CPU this job got: 95%",
            r"Elapsed \(wall": "I 	Elapsed (wall clock) time (h:mm:ss or m:ss): 0:00.00",
            r"Average \w": "I 	Average shared text size (kbytes): 0",
            "Maximum resident": "I 	Maximum resident set size (kbytes): 2560",
            r"Major \(req": "I 	Major (requiring I/O) page faults: 0",
            r"Minor \(recl": "I 	Minor (reclaiming a frame) page faults: 84",
            "Voluntary con": "I 	Voluntary context switches: 1",
            "Involuntary con": "I 	Involuntary context switches: 1",
            "Swaps: ": "I 	Swaps: 0",
            "File system (?:in|out)puts": "I 	File system inputs: 0",
            "Socket messages": "I 	Socket messages sent: 0",
            "Signals delivered": "I 	Signals delivered: 0",
            r"Page size \(": "I 	Page size (bytes): 4096",
            "Exit status: 0": "I 	Exit status: 0",
        },
        indented=True,
    ),
    notice(
        "curl's meter",
        "https://curl.se/docs/manpage.html",
        {
            r"\d{1,3}(?: +[\d.]{1,9}[kMGTP]? +\d{1,3}){2} +[\d.]{1,9}[kMGTP]?(?: +[\d.]{1,9}[k"
            r"MGTP]?){2} +(?:--:--:--|\d{1,3}:\d\d:\d\d|\d{1,3}d \d\dh) ": (
                "I   0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
            ),
        },
        indented=True,
    ),
    notice(
        "rsync --progress",
        "https://download.samba.org/pub/rsync/rsync.1",
        {
            r"[\d,.]{1,24}[kMGT]? +\d{1,3}% +[\d.]+[kMGT]?B/s +\d+:\d\d:\d\d": (
                "I           1,234  45%    1.20MB/s    0:00:10"
            ),
        },
        indented=True,
    ),
)
