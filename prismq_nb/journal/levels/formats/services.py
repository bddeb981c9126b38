"""What daemons, containers, clusters and their tools print."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import Format, notice
from prismq_nb.journal.levels.grammar.pieces import MONTH
from prismq_nb.journal.levels.grammar.words import CRITICAL, DEBUG, ERROR, INFO, WARNING

FORMATS: Final = (
    Format(
        "Redis, Valkey",
        "https://redis.io/docs/latest/operate/oss_and_stack/management/config/",
        {
            r"\d+:[A-Z] \d\d? \w{3} (?:\d{4} )?\d\d:\d\d:\d\d\.\d+ ([#*.-]) ": (
                "W 1234:M 02 Jan 2024 10:00:00.000 # Server initialized",
                "D 1:M 15 Jan 2024 12:00:00.123 - Accepted 127.0.0.1:6379",
                "I 1234:M 02 Jan 2024 10:00:00.000 * Ready to accept connections",
            ),
        },
        {"#": WARNING, "*": INFO, ".": DEBUG, "-": DEBUG},
    ),
    Format(
        "Chromium",
        "https://www.chromium.org/for-testers/enable-logging/",
        {
            r"\[\d+:\d+:\d{4}/\d{6}\.\d+:(FATAL|ERROR|WARNING|INFO):": (
                "E [1234:5678:0102/100000.123456:ERROR:gpu_"
            ),
        },
    ),
    Format(
        "dmesg -x",
        "https://man7.org/linux/man-pages/man1/dmesg.1.html",
        {
            "[a-z]{1,9} {0,9}:(emerg|alert|crit|err|warn|notice|info|debug) {0,9}: ": (
                "I kern  :notice: [    1.234567] random: crng init done",
                "W daemon:warn  : [Wed May  1 10:00:00 2024] x",
                "E kern  :err   : [    1.234567] ata1: failed",
                "D kern  :debug : [    1.234567] x",
                "C kern  :crit  : [    1.234567] mce: CPU0: Core temperature above threshold",
            ),
        },
    ),
    Format(
        "the event viewer of Windows",
        "https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil",
        {
            r"(Critical|Error|Warning),\d{1,2}/\d{1,2}/\d{4} \d": (
                "E Error,5/1/2024 10:00:00 AM,Service Contr",
                "W Warning,5/1/2024 10:00:00 AM,Microsoft-W",
                "C Critical,5/1/2024 10:00:00 AM,Microsoft-",
            ),
        },
    ),
    Format(
        "HAProxy, an alert at the start",
        "https://docs.haproxy.org/",
        {
            "ALERT {1,8}: ": "C ALERT   : full",
            "CRIT {1,8}: ": "C CRIT    : full",
            "EMERG {1,8}: ": "C EMERG : cannot bind",
            "PANIC {1,8}: ": "C PANIC : out of memory",
        },
        CRITICAL,
    ),
    Format(
        "docker",
        "https://docs.docker.com/reference/cli/docker/",
        {
            "Error response from daemon: ": "E Error response from daemon: No such container: x",
            "docker: Error response from daemon: ": (
                "E docker: Error response from daemon: pull access denied for x."
            ),
        },
        ERROR,
    ),
    Format(
        "kubectl",
        "https://kubernetes.io/docs/reference/kubectl/",
        {
            "Error from server": 'E Error from server (NotFound): pods "web-1" not found',
        },
        ERROR,
    ),
    Format(
        "kubectl get events",
        "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_events/",
        {
            r"\d+[smhd](?:\d+[smh])? {2,}Warning {2,}[A-Z]\w+ {2,}[a-z]": (
                "W 2m          Warning   BackOff     pod/we"
            ),
        },
        WARNING,
    ),
    Format(
        "Ansible",
        "https://docs.ansible.com/ansible/latest/reference_appendices/logging.html",
        {
            r"(failed): \[[^\]\n]{1,200}\] (?:=> |\(item=)": (
                'E failed: [host1] (item=nginx) => {"ansibl'
            ),
            r"\[(DEPRECATION) WARNING\]": "W [DEPRECATION WARNING]: Distribution ubun",
        },
    ),
    Format(
        "rsync",
        "https://download.samba.org/pub/rsync/rsync.1",
        {
            "rsync (error|warning): ": (
                "E rsync error: some files could not be tra",
                "W rsync warning: some files vanished befor",
            ),
        },
    ),
    Format(
        "the AWS command line",
        "https://docs.aws.amazon.com/cli/latest/reference/s3/",
        {
            r"upload failed: (?:s3://|\.{0,2}/)": "E upload failed: ./x.txt to s3://b/x.txt A",
            r"download failed: (?:s3://|\.{0,2}/)": (
                "E download failed: s3://x/y to ./y An error occurred (404)"
            ),
        },
        ERROR,
    ),
    Format(
        "ClamAV",
        "https://docs.clamav.net/",
        {
            "LibClamAV (Error|Warning): ": (
                "W LibClamAV Warning: **************************************************",
                "E LibClamAV Error: cli_loaddbdir: No suppo",
            ),
        },
    ),
    Format(
        "numbered messages",
        "https://www.gams.com/latest/docs/",
        {
            r"(Error) \d{1,5}: [A-Za-z]": "E Error 1045: Access denied for user",
            r"(Warning) \d{1,5}(?: \[[\w\-]+\])?: [A-Za-z]": (
                "W Warning 26 [unused-var]: unused variable x."
            ),
        },
    ),
    Format(
        "CPLEX",
        "https://www.ibm.com/docs/en/icos",
        {
            r"CPLEX Error +\d+: ": "E CPLEX Error  1217: No solution exists.",
        },
        ERROR,
    ),
    Format(
        "Heroku",
        "https://devcenter.heroku.com/articles/http-routing",
        {
            r"\d[\w:.+\-]{18,40} heroku\[[\w.]+\]: at=error ": (
                "E 2024-05-01T10:00:00.123456+00:00 heroku[router]: at=error c"
            ),
        },
        ERROR,
        needs="at=error ",
        late=True,
    ),
    Format(
        "access logs",
        "https://httpd.apache.org/docs/current/logs.html#accesslog",
        {
            r"(?:[\w.:\-]{1,80} \S{1,80} \S{1,80} )?\[\d\d/"
            + MONTH
            + r"/\d{4}[: ]\d\d:\d\d:\d\d[^\]\n]{0,12}\] \"[A-Z]": (
                'I [23/Nov/2024 10:00:00] "GET /error HTTP/1.1" 500 12'
            ),
            r"[\w.:\-]{1,80} \S{1,80} \"?[A-Z]{3,7} \S{1,160} HTTP/\d": (
                "I 127.0.0.1 - GET /error HTTP/1.1 500 12 - 0.5 ms"
            ),
        },
        INFO,
        needs=r"\] \"[A-Z]|HTTP/\d",
        late=True,
    ),
    Format(
        "kubectl describe",
        "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_describe/",
        {
            r"Warning {2,}[A-Z]\w+ {2,}(?:\d+[smhd]|<unknown>)": (
                "W   Warning  FailedScheduling  5m    defau"
            ),
        },
        WARNING,
        indented=True,
    ),
    notice(
        "docker, BuildKit",
        "https://docs.docker.com/build/",
        {
            r"=> (?!ERROR\b)": "I => [internal] load .dockerignore",
            r"#\d+ (?:\[|\d+\.\d+ |building with |CANCELED|CACHED|DONE \d|sha\d{3}:"
            "|transferring |extracting |exporting |naming to |writing image|resolve "
            r"|pushing |preparing |sending |unpacking |\.\.\.)": (
                "I #1 [internal] load build definition from Dockerfile"
            ),
            r"\[\+\] (?:Building|Running|Pulling|Creating|Stopping|Up|Down) ": (
                "I [+] Building 1.2s (3/7)                                          docker:default"
            ),
        },
    ),
    notice(
        "docker run",
        "https://docs.docker.com/reference/cli/docker/",
        {
            r"Unable to find image '[^'\n]{1,200}' locally": (
                "I Unable to find image 'alpine:latest' locally"
            ),
            r"Digest: sha\d\d\d:": "I Digest: sha256:0da18a5",
            "Using default tag: ": "I Using default tag: latest",
            r"docker\.io/\S+\s*$": "I docker.io/library/python:3.12",
            "Status: (?:Downloaded newer image|Image is up to date) for ": (
                "I Status: Downloaded newer image for alpine:latest"
            ),
        },
    ),
    notice(
        "kubectl, notices",
        "https://kubernetes.io/docs/reference/kubectl/",
        {
            'Defaulted container "': 'I Defaulted container "a" out of: a, b',
            "Waiting for (?:deployment|daemon set|statefulset|operation) ": (
                'I Waiting for deployment "x" rollout to fi'
            ),
            "If you don't see a command prompt": (
                "I If you don't see a command prompt, try pressing enter."
            ),
        },
    ),
    notice(
        "Helm",
        "https://helm.sh/docs/",
        {
            "Hang tight while we grab ": (
                "I Hang tight while we grab the latest from your chart repositories..."
            ),
        },
    ),
    notice(
        "gcloud, gsutil",
        "https://cloud.google.com/sdk/gcloud/reference",
        {
            r"Fetched \[": "I Fetched [https://x].",
            r"Created \[": "I Created [https://www.googleapis.com/compute/v1/projects/x].",
            r"Deleted \[": "I Deleted [https://www.googleapis.com/compute/v1/projects/x].",
            r"Updated (?:property )?\[": "I Updated property [core/project].",
            "Activated service account ": "I Activated service account credentials for: [x@y]",
            "Your active configuration is: ": "I Your active configuration is: [default]",
            "Updates are available for some ": (
                "I Updates are available for some Google Cloud CLI components.  To install them,"
            ),
            "kubeconfig entry generated for ": "I kubeconfig entry generated for prod.",
            "Copying (?:file|gs|s3)://": "I Copying file://x.csv [Content-Type=text/csv]...",
        },
    ),
    notice(
        "systemd",
        "https://www.freedesktop.org/software/systemd/man/latest/systemctl.html",
        {
            "Created symlink ": (
                "I Created symlink /etc/systemd/system/x.service → /lib/systemd/system/y.service."
            ),
            r"Removed \"?/\S+\.(?:service|socket|timer|target)\"?\.\s*$": (
                'I Removed "/etc/systemd/system/x.service".'
            ),
            "Running as unit: ": "I Running as unit: run-r0f2c.service",
        },
    ),
    notice(
        "docker pull",
        "https://docs.docker.com/reference/cli/docker/image/pull/",
        {
            r"[\w.\-]{1,60}: (?:Pulling from |Pulling fs layer|Pull complete"
            "|Download complete|Verifying Checksum|Already exists|Waiting|Downloading"
            "|Extracting|Preparing|Pushing|Pushed|Mounted from|Layer already exists)": (
                "I 9b829c73b52b: Extracting [======>            ]  45.0MB/100.0MB"
            ),
            "latest: digest: ": "I latest: digest: sha256:0da18a5 size: 528",
        },
        needs=": (?:Pull|Down|Ver|Alr|Wait|Ext|Prep|Push|Moun|Lay|dig)",
    ),
    notice(
        "docker compose, BuildKit, indented",
        "https://docs.docker.com/compose/",
        {
            "=> (?!ERROR)": "I  => => naming to docker.io/library/x",
            r"Container \S+ +(?:Starting|Started|Creating|Created|Running|Stopping|Stopped"
            r"|Removing|Removed|Waiting|Healthy|Pulling|Pulled|Recreate|Recreated)\b": (
                "I  Container x-db-1  Starting"
            ),
            r"Network \S+ +(?:Starting|Started|Creating|Created|Running|Stopping|Stopped"
            r"|Removing|Removed|Waiting|Healthy|Pulling|Pulled|Recreate|Recreated)\b": (
                "I  Network x_default  Created"
            ),
            r"Volume \S+ +(?:Starting|Started|Creating|Created|Running|Stopping|Stopped"
            r"|Removing|Removed|Waiting|Healthy|Pulling|Pulled|Recreate|Recreated)\b": (
                "I  Volume x_data  Created"
            ),
            r"Image \S+ +(?:Starting|Started|Creating|Created|Running|Stopping|Stopped"
            r"|Removing|Removed|Waiting|Healthy|Pulling|Pulled|Recreate|Recreated)\b": (
                "I  Image x_data  Created"
            ),
        },
        indented=True,
    ),
)
