"""Levels: real lines of each format, what must not fool it, blocks of several lines, and that any window is classified as the whole is."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismq_nb.journal.level_blocks import Block
from prismq_nb.journal.level_heads import KNOWN_SHAPES, Heads, equal_digits
from prismq_nb.journal.level_text import shown
from prismq_nb.journal.levels import BLOCK_LINES, LOOK_BACK_LINES, Classifier, Level

D, I, W, E, C = Level  # noqa: E741 - one letter each keeps the tables readable
STDOUT, STDERR = 0, 1


def levels_of(text: str | bytes, stream: int = STDOUT) -> list[Level]:
    data = text if isinstance(text, bytes) else text.encode()
    return [Level(value) for value in Classifier().classify(data, stream)]


def only(line: str, stream: int = STDOUT) -> Level:
    (level,) = levels_of(line + "\n", stream)
    return level


# ---- one line ------------------------------------------------------------------------------------------------------------------------------

FORMATS: Final = {
    "contract": [
        (I, "INFO: Starting process"),
        (D, "DEBUG: Connection details"),
        (W, "WARNING: Low memory"),
        (E, "ERROR: Failed to connect"),
        (I, "Regular output"),
    ],
    "python logging": [
        (W, "WARNING:root:careful"),
        (E, "ERROR:my.module:it broke"),
        (C, "CRITICAL:root:the end"),
        (D, "DEBUG:asyncio:Using selector: EpollSelector"),
        (W, "2024-01-02 10:00:00,123 - app.module - WARNING - disk almost full"),
        (I, "2024-01-02 10:00:00,123 - app.module - INFO - no errors found"),
        (E, "2024-01-02 10:00:00,123 ERROR app.module: cannot open"),
        (E, "2024-01-02 10:00:00,123 root ERROR cannot open"),
        (E, "2024-01-02 10:00:00,123 [ERROR] app: cannot open"),
        (W, "2024-01-02 10:00:00,123:WARNING:careful"),
        (W, "2024-01-02 10:00:00,123:root:WARNING:careful"),
        (E, "2024-01-02 10:00:00,123|ERROR|careful"),
        (E, "2024-01-02 10:00:00,123 - MainThread - root - ERROR - broken"),
        (E, "2024-01-02 10:00:00 [MainThread  ] [ERROR]  broken"),
        (W, "10:00:00 WARNING  app.module careful"),
        (E, "app.module - ERROR - broken"),
        (D, "[DEBUG] x = 3"),
        (W, "[WARNING] careful"),
        (C, "CRITICAL - the end"),
        (E, "ERROR    root:cli.py:12 broken"),
        (E, "(MainThread) ERROR broken"),
        (E, "main.py:12 | ERROR | broken"),
        (W, "01/02/2024 10:00:00 AM WARNING careful"),
        (E, "2024-01-02T10:00:00+0100 myhost app[123] ERROR broken"),
        (E, "Tue, 02 Jan 2024 10:00:00 app.py[line:12] ERROR broken"),
        (D, "{main.py:12} DEBUG - x"),
    ],
    "scrapy": [
        (D, "2024-01-02 10:00:00 [scrapy.core.engine] DEBUG: Crawled (200) <GET https://example.org/?error=1> (referer: None)"),
        (E, "2024-01-02 10:00:00 [scrapy.core.scraper] ERROR: Spider error processing <GET https://example.org>"),
    ],
    "celery, airflow, gunicorn, uvicorn, dask, ray": [
        (W, "[2024-01-02 10:00:00,000: WARNING/MainProcess] No hostname was supplied."),
        (E, "[2024-01-02 10:00:00,000: ERROR/ForkPoolWorker-1] Task x raised"),
        (E, "[2024-01-02, 10:00:00 UTC] {taskinstance.py:1234} ERROR - Task failed with exception"),
        (E, "[2024-01-02 10:00:00 +0000] [1234] [ERROR] Worker failed to boot"),
        (I, 'INFO:     127.0.0.1:1234 - "GET /error HTTP/1.1" 500 Internal Server Error'),
        (W, "WARNING:  StatReload detected changes"),
        (W, "2024-01-02 10:00:00,000 - distributed.worker - WARNING - Worker is at 85% memory usage"),
        (W, "(pid=1234) 2024-01-02 10:00:00,000\tWARNING worker.py:1 -- careful"),
        (E, "2024-01-02 10:00:00,000\tERROR serialization.py:1 -- broken"),
    ],
    "machine learning": [
        (W, "[WARNING|trainer.py:123] 2024-01-02 10:00:00,000 >> careful"),
        (W, "01/02/2024 10:00:00 - WARNING - __main__ - careful"),
        (W, "wandb: WARNING Path is not a directory"),
        (E, "wandb: ERROR Run failed"),
        (W, "2024-01-02 10:00:00.123456: W tensorflow/core/common_runtime/gpu.cc:33] Cannot dlopen"),
        (E, "2024-01-02 10:00:00.123456: E external/local_xla/xla/stream.cc:33] Unable to register"),
        (I, "2024-01-02 10:00:00.123456: I tensorflow/core/platform/cpu.cc:33] This binary is optimized"),
        (W, "host1:123:456 [0] NCCL WARN Connect failed"),
        (I, "host1:123:456 [0] NCCL INFO Bootstrap"),
    ],
    "loguru": [
        (W, "2024-01-02 10:00:00.123 | WARNING  | __main__:<module>:1 - careful"),
        (I, "2024-01-02 10:00:00.123 | SUCCESS  | __main__:<module>:1 - done without error"),
        (D, "2024-01-02 10:00:00.123 | TRACE    | __main__:main:1 - deep"),
        (C, "2024-01-02 10:00:00.123 | CRITICAL | __main__:main:1 - end"),
    ],
    "structlog": [
        (W, "2024-01-02 10:00:00 [warning  ] careful                        key=error"),
        (I, "2024-01-02T10:00:00.123456Z [info     ] started                        level_wanted=error"),
        (E, "[error    ] broken                         key=1"),
        (D, "2024-01-02 10:00.00 [debug    ] seen"),
    ],
    "rich": [
        (W, "[10:00:00] WARNING  careful                                 main.py:12"),
        (E, "           ERROR    broken                                  main.py:13"),
        (E, "[01/02/24 10:00:00] ERROR    broken                          main.py:13"),
    ],
    "logfmt": [
        (W, 'time="2024-01-02T10:00:00Z" level=warning msg="level=error in the text" n=3'),
        (E, "level=error msg=broken"),
        (I, 'ts=2024-01-02T10:00:00Z caller=main.go:12 level=info msg="nothing failed"'),
        (D, "time=2024-01-02T10:00:00.000Z level=DEBUG msg=x"),
        (W, "lvl=warn msg=careful"),
        (C, 'time="2024-01-02T10:00:00Z" level=fatal msg="the end"'),
        (E, 'Jan  2 10:00:00 host dockerd[123]: time="2024-01-02T10:00:00Z" level=error msg=broken'),
        (I, 'msg="a level=error b" level=info'),
    ],
    "json": [
        (E, '{"level": "error", "msg": "x"}'),
        (W, '{"time":"2024-01-02T10:00:00Z","level":"WARN","msg":"x"}'),
        (I, r'{"msg": "saw \"level\": \"error\" there", "level": "info"}'),
        (I, '{"msg": "no level here"}'),
        (E, '{"event": "x", "user": {"level": "debug"}, "level": "error"}'),
        (I, '{"user": {"level": "error"}, "msg": "x"}'),
        (C, '{"severity": "CRITICAL", "message": "x"}'),
        (E, '{"asctime": "2024-01-02 10:00:00", "levelname": "ERROR", "message": "x"}'),
        (E, '{"level":50,"time":1700000000000,"pid":1,"hostname":"h","msg":"x"}'),
        (D, '{"level":20,"time":1700000000000,"msg":"x"}'),
        (C, '{"name":"app","hostname":"h","pid":1,"level":60,"msg":"x","v":0}'),
        (W, '{"log.level": "warn", "message": "x"}'),
        (W, '{"@timestamp":"2024-01-02T10:00:00Z","log":{"level":"WARN","logger":"a.B"},"message":"x"}'),
        (E, '{"text": "x", "record": {"elapsed": {"repr": "0", "seconds": 0.1}, "level": {"icon": "x", "name": "ERROR", "no": 40}}}'),
        (W, '{"t":{"$date":"2024-01-02T10:00:00Z"},"s":"W","c":"NETWORK","msg":"x"}'),
        (E, '{"@t":"2024-01-02T10:00:00Z","@mt":"x","@l":"Error"}'),
        (W, '{"@level":"warn","@message":"x","@module":"m"}'),
        (E, '{"PRIORITY":"3","MESSAGE":"x"}'),
        (W, '{"Timestamp":"2024","EventId":0,"LogLevel":"Warning","Category":"a","Message":"x"}'),
        (E, '{"severityText":"ERROR","body":"x"}'),
        (W, '{"levelno": 30, "message": "x"}'),
        (E, '{"version":"1.1","host":"h","short_message":"x","level":3}'),
    ],
    "syslog": [
        (E, "<11>Jan  2 10:00:00 host app[123]: it broke"),
        (D, "<15>1 2024-01-02T10:00:00Z host app 123 - - error in the text"),
        (C, "<2>kernel: oops"),
        (W, "<4>careful"),
        (E, "Jan  2 10:00:00 host sshd[123]: error: Received disconnect from 10.0.0.1"),
        (C, "Jan  2 10:00:00 host sshd[123]: fatal: Read from socket failed"),
        (I, "Jan  2 10:00:00 host sshd(pam_unix)[123]: authentication failure; logname= uid=0"),
        (E, "Jan  2 10:00:00 daemon.err dnsmasq[123]: failed to bind"),
        (W, "Jul  2 10:00:00 mac prog[123] <Warning>: careful"),
        (E, "kern  :err   : [    1.234567] ata1: failed"),
    ],
    "glog, klog, absl": [
        (E, "E0102 15:04:05.678901 1234 file.cc:1] it broke"),
        (W, "W0102 15:04:05.678901    1234 reflector.go:1] watch ended"),
        (I, "I0102 15:04:05.678901    1234 main.go:1] no error"),
        (C, "F20240102 15:04:05.678901 1234 file.cc:1] Check failed"),
    ],
    "android": [
        (E, "E/AndroidRuntime( 1234): FATAL EXCEPTION: main"),
        (W, "W/System.err: java.io.IOException"),
        (D, "05-10 12:00:00.000  1234  5678 D WindowManager: printFreezingDisplayLogs"),
        (E, "05-10 12:00:00.000  1234  5678 E Tag: msg"),
        (W, "2024-05-10 12:00:00.000  1234  5678 W ActivityManager: Slow operation"),
        (D, "05-10 12:00:00.000  1702 14638 V PhoneStatusBar: error text"),
        (I, "05-10 12:00:00.000 I/Tag( 123): error text"),
    ],
    "java": [
        (E, "2024-01-02 10:00:00,123 ERROR [main] com.example.Main - it broke"),
        (W, "2024-01-02 10:00:00.123  WARN 18943 --- [           main] o.s.b.Main : careful"),
        (I, "2024-01-02T10:00:00.123Z  INFO 18943 --- [app] [main] o.s.b.Main : started with errors=0"),
        (E, "10:00:00.123 [main] ERROR com.example.Main - it broke"),
        (E, "[main] ERROR com.example.Main - it broke"),
        (E, "02-Jan-2024 10:00:00.123 SEVERE [main] org.apache.catalina.startup.Catalina.load x"),
        (E, "SEVERE: it broke"),
        (D, "FINE: detail"),
        (C, "2024-01-02 10:00:00 FATAL Main:12 - the end"),
        (E, "ERROR [main] 2024-01-02 10:00:00,123 CassandraDaemon.java:1 - it broke"),
        (W, "[2024-01-02T10:00:00,123][WARN ][o.e.d.c.Settings] [node] careful"),
        (E, "[2024-01-02 10:00:00,123] ERROR it broke (kafka.server.KafkaServer)"),
        (W, "2024-01-02 10:00:00,123 | WARN  | careful | org.apache.activemq | main"),
        (E, "[ERROR] Failed to execute goal org.apache.maven.plugins"),
        (W, "[warn] one deprecation"),
        (E, "[12:00:00] [Server thread/ERROR]: broken"),
        (E, "app.module [ERROR] broken"),
        (E, "[error] /src/A.scala:3:5: not found"),
    ],
    "hadoop, spark, zookeeper, openstack, blue gene": [
        (I, "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_1 terminating"),
        (W, "081109 214043 2561 WARN dfs.DataNode$DataXceiver: 10.0.0.1:50010:Got exception while serving blk_1"),
        (I, "17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers for [TERM]"),
        (E, "17/06/09 20:10:40 ERROR Executor: Exception in task 0.0"),
        (W, "2015-07-29 19:04:12,394 - WARN  [SendWorker:1:QuorumCnxManager$SendWorker@688] - Send worker leaving thread"),
        (E, "2015-07-29 19:04:12,394 - ERROR [LearnerHandler-/10.0.0.1:1:LearnerHandler@562] - Unexpected exception"),
        (I, "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created"),
        (C, "2015-10-18 18:01:47,978 FATAL [main] org.apache.hadoop.mapred.YarnChild: Error running child"),
        (W, "nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 WARNING nova.virt [req-1] careful"),
        (I, "nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server [req-1 1 2 - - -] x"),
        (I, "- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1-N0-C:J12-U11 RAS KERNEL INFO cache parity error"),
        (C, "KERNDTLB 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1-N0-C:J12-U11 RAS KERNEL FATAL data TLB"),
        (E, "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.363779 R02-M1 RAS DISCOVERY SEVERE Can not get assembly"),
        (I, "- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root"),
    ],
    "apache, nginx, databases": [
        (E, "[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6"),
        (I, "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/httpd/conf/workers2.properties"),
        (E, "[Tue Jan 02 10:00:00.123456 2024] [core:error] [pid 1:tid 2] (13)Permission denied: x"),
        (W, "[Tue Jan 02 10:00:00.123456 2024] [ssl:warn] [pid 1] AH01906: careful"),
        (W, "2024/01/02 15:04:05 [warn] 1#1: conflicting server name"),
        (C, "2024/01/02 15:04:05 [emerg] 1#1: bind() to 0.0.0.0:80 failed"),
        (E, "2024/01/02 15:04:05 [error] 29#29: *1 open() failed"),
        (E, '2024-01-02 10:00:00.000 UTC [1234] ERROR:  relation "x" does not exist'),
        (I, "2024-01-02 10:00:00.000 UTC [1234] LOG:  database system is ready"),
        (C, "2024-01-02 10:00:00.000 UTC [1234] FATAL:  role does not exist"),
        (W, "2024-01-02T10:00:00.000000Z 0 [Warning] [MY-010068] [Server] CA certificate is self signed."),
        (E, "2024-01-02T10:00:00.000000Z 0 [ERROR] [MY-010119] [Server] Aborting"),
        (W, "1234:M 02 Jan 2024 10:00:00.000 # Server initialized"),
        (I, "1234:M 02 Jan 2024 10:00:00.000 * Ready to accept connections"),
        (W, "2024-01-02T10:00:00.000+0000 W NETWORK  [conn1] careful"),
        (C, "[ALERT]    (1) : config : parsing"),
    ],
    "go": [
        (E, "2024-01-02T10:00:00.000Z\tERROR\tmain.go:12\tbroken"),
        (W, "2024-01-02T10:00:00.000Z\twarn\tmain.go:12\tcareful"),
        (W, "WARN[0003] careful                                     key=1"),
        (E, "ERRO[0003] broken"),
        (W, "2024/01/02 15:04:05 WARN careful n=1"),
        (E, "2024/01/02 15:04:05 ERROR broken"),
        (E, "3:04PM ERR broken key=1"),
        (D, "10:00:00 DBG seen"),
        (C, "panic: runtime error: index out of range [5] with length 3"),
        (C, "fatal error: all goroutines are asleep - deadlock!"),
        (E, "--- FAIL: TestX (0.00s)"),
    ],
    "rust": [
        (E, "[2024-01-02T15:04:05Z ERROR my_crate::module] broken"),
        (W, "[2024-01-02T15:04:05Z WARN  my_crate] careful"),
        (E, "2024-01-02T15:04:05.123456Z ERROR my_crate::module: broken"),
        (D, "2024-01-02T15:04:05.123456Z TRACE my_crate: seen"),
        (E, "error[E0308]: mismatched types"),
        (W, "warning: unused variable: `x`"),
        (E, "thread 'main' panicked at src/main.rs:2:5:"),
    ],
    "dotnet, windows": [
        (I, "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack, error=0"),
        (E, "2016-09-28 04:30:30, Error                 CSI    0000001 (F) broken"),
        (W, "2016-09-28 04:30:30, Warning               CBS    careful"),
        (W, "warn: Microsoft.AspNetCore.Server.Kestrel[0]"),
        (E, "fail: Microsoft.AspNetCore.Server.Kestrel[13]"),
        (C, "crit: Microsoft.AspNetCore[6]"),
        (D, "dbug: Microsoft.Extensions.Hosting[1]"),
        (W, "[10:00:00 WRN] careful"),
        (E, "2024-01-02 10:00:00.000 +00:00 [ERR] broken"),
        (C, "[10:00:00 FTL] the end"),
        (E, "2024-01-02 10:00:00.1234|ERROR|App.Program|broken"),
    ],
    "c, c++": [
        (E, "[2024-01-02 10:00:00.000] [name] [error] broken"),
        (C, "[2024-01-02 10:00:00.000] [critical] the end"),
        (E, "[1234:5678:0102/100000.123456:ERROR:gpu_init.cc(523)] Passthrough is not supported"),
        (W, "(process:123): GLib-WARNING **: 10:00:00.1: careful"),
        (W, "file.c:3:5: warning: unused variable 'x' [-Wunused-variable]"),
        (E, "file.c:3:5: error: expected ';' before 'return'"),
        (I, "file.c:3:5: note: each undeclared identifier is reported only once"),
        (E, "/src/file.c(3): error C2065: 'x': undeclared identifier"),
        (E, "collect2: error: ld returned 1 exit status"),
        (W, "/usr/bin/ld: warning: x.o: missing .note.GNU-stack section"),
        (E, "make: *** [Makefile:5: all] Error 2"),
        (W, "CMake Warning (dev) at CMakeLists.txt:3 (project):"),
        (W, "[00:00:00.000,000] <wrn> bt_hci: careful"),
        (E, "E (1234) wifi: broken"),
    ],
    "tools": [
        (E, "npm ERR! code ENOENT"),
        (E, "npm error code ENOENT"),
        (W, "npm WARN deprecated x@1.0.0"),
        (W, "npm warn deprecated x@1.0.0"),
        (E, "E: Unable to locate package x"),
        (W, "W: Some index files failed to download."),
        (W, "dpkg: warning: files list file missing"),
        (E, "dpkg: error processing package x (--configure):"),
        (E, "ERROR: Could not find a version that satisfies the requirement x"),
        (W, "DEPRECATION: Python 2.7 reached the end of its life"),
        (C, "fatal: not a git repository"),
        (E, "src/a.ts(3,5): error TS2304: Cannot find name 'x'."),
        (E, "src/a.ts:3:5 - error TS2304: Cannot find name 'x'."),
        (E, "a.py:3: error: Incompatible types in assignment  [assignment]"),
        (E, "prog: error: the following arguments are required: x"),
        (W, "[W 2024-01-02 10:00:00.000 ServerApp] careful"),
        (E, "[E 10:00:00.000 NotebookApp] broken"),
        (E, "E, [2024-01-02T10:00:00.000000 #1234] ERROR -- : broken"),
        (E, "[2024-01-02T10:00:00.000000+00:00] app.ERROR: broken [] []"),
        (E, "10:00:00.123 [error] GenServer terminating"),
        (W, "PHP Warning:  foo in /x.php on line 3"),
        (W, "Warning message:"),
        (E, "Error in f(x) : object 'y' not found"),
        (E, "ERROR: LoadError: x not defined"),
        (W, "┌ Warning: careful"),
        (E, "│ Error: Invalid reference"),
        (W, "web-1  | 2024-01-02 10:00:00 WARNING careful"),
        (E, "slurmstepd: error: *** JOB 1 ON n1 CANCELLED"),
        (E, "FAILED tests/test_a.py::test_b - AssertionError: assert 1 == 2"),
        (E, "❌ ERROR: broken"),
        (W, "*** WARNING: careful ***"),
    ],
    "coloured": [
        (E, "\x1b[31mERROR\x1b[0m: broken"),
        (W, "2024-01-02 10:00:00 \x1b[33m[warning  ]\x1b[0m \x1b[1mcareful\x1b[0m"),
        (W, "\x1b[32m2024-01-02 10:00:00.123\x1b[0m | \x1b[33m\x1b[1mWARNING \x1b[0m | \x1b[36m__main__\x1b[0m - careful"),
        (E, "\x1b[90m3:04PM\x1b[0m \x1b[1m\x1b[31mERR\x1b[0m\x1b[0m broken"),
        (I, "\x1b[32mINFO\x1b[0m:     Application startup complete."),
        (E, "\x1b[0;31mE (1234) wifi: broken\x1b[0m"),
    ],
    "python exceptions": [
        (E, "ValueError: bad"),
        (E, "requests.exceptions.ConnectionError: refused"),
        (W, "/usr/lib/python3/x.py:12: DeprecationWarning: old"),
        (W, "UserWarning: careful"),
        (E, "KeyboardInterrupt"),
    ],
    "redrawn": [
        (E, "  0%|      | 0/10\r 10%|#     | 1/10\rERROR: broken"),
        (E, "ERROR: broken\r"),
        (I, "ERROR: broken\rall is well again"),
    ],
}  # fmt: skip
CASES: Final = [pytest.param(level, line, id=f"{name}: {line[:60]!r}") for name, lines in FORMATS.items() for level, line in lines]


@pytest.mark.parametrize(("level", "line"), CASES)
def test_a_format_gives_its_level_on_stdout(level: Level, line: str) -> None:
    assert level == only(line)


NO_LEVEL: Final = {"Regular output", "ERROR: broken\rall is well again"}
UNRECOGNISED = re.compile(r'"no level here"|"user": \{"level": "error"\}, |pam_unix')


@pytest.mark.parametrize(("level", "line"), [case for case in CASES if case.values[1] not in NO_LEVEL and not UNRECOGNISED.search(case.values[1])])
def test_a_format_gives_the_same_level_on_stderr(level: Level, line: str) -> None:
    assert level == only(line, STDERR)


@pytest.mark.parametrize(
    "line",
    [
        "0 errors",
        "0 errors, 0 warnings",
        "errors: 0",
        "Errors: 0",
        "warnings: 12",
        "error: 0.0123",
        "Error: 0.5",
        "Error rate: 0.1",
        "error rate 0.1",
        "ERROR RATE: 0.1",
        "ERROR_COUNT=5",
        "==123== ERROR SUMMARY: 0 errors from 0 contexts",
        "MeanSquaredError: 0.123",
        "/var/log/error.log",
        "/var/log/error.log: 12 lines",
        "reading /var/log/warning.log",
        "error.log",
        "INFO: no errors found",
        "INFO worker failed to warn",
        "2024-01-02 10:00:00 INFO ERROR handling is on",
        "2024-01-02 10:00:00,123 - app - INFO - ERROR: quoted",
        "GET http://example.org/?debug=1",
        "https://example.org/?level=error",
        '127.0.0.1 - - [02/Jan/2024:10:00:00 +0000] "GET /error?level=error HTTP/1.1" 500 12',
        '127.0.0.1 - - [02/Jan/2024 10:00:00] "GET /ERROR HTTP/1.1" 404 -',
        "Got an ERROR from the server",
        "The server returned ERROR 500",
        "Setting the log level to DEBUG",
        "Log level: DEBUG",
        "status: ERROR",
        "no error",
        "warning signs are everywhere",
        "debug mode is on",
        "Errors are normal",
        "Warnings will be shown",
        "Information about warnings",
        "critical path length 5",
        "fatality rate 0.1",
        "trace of the matrix: 5",
        "Error",
        "errorless",
        "NoErrorsHere: yes",
        "0 failed, 12 passed",
        "12 passed, 1 warning in 0.12s",
        "x = [error, warning]",
        "def error(): pass",
        'logging.error("x")',
        "print('ERROR: x')",
        "2024-01-02 10:00:00 connection error while reading",
        "2024-01-02 10:00:00 error rate is 0.1",
        "Epoch 1/10 - loss: 0.5 - error: 0.1",
        "epoch 3: train error 0.2, test error: 0.3",
        "100%|##########| 100/100 [00:01<00:00, 99.9it/s]",
        "ALERTS: none",
        "LOG file is here",
        "NOTE that errors are fine",
        "| level | count |",
        "| ERRORS | 3 |",
        "level of detail: error",
        "--debug",
        "  --error-level LEVEL   one of debug, info, warning, error",
        "<html>",
        "<999>",
        "{error}",
        '{"errors": 0, "warnings": 3}',
        "",
        " ",
    ],
)  # fmt: skip
def test_a_wrong_friend_has_no_level(line: str) -> None:
    assert only(line) == I


@pytest.mark.parametrize(
    "line",
    [
        " 45%|####5     | 45/100 [00:01<00:02, 30.1it/s]",
        "train: 45%|####5     | 45/100 [00:01<00:02, 30.1it/s, loss=0.1]",
        "123it [00:01, 99.9it/s]",
        "\r  0%|          | 0/10 [00:00<?, ?it/s]\r100%|##########| 10/10 [00:00<00:00, 99it/s]",
        "   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1.2/10.5 MB 3.4 MB/s eta 0:00:03",
        "Working... ━━━━━━━━━╸━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  45% 0:00:12",
        "Downloading: 100%|██████████| 1.20k/10.0k [00:00<00:00, 1.2MB/s]",
        "[=========>          ] 45%",
    ],
)
@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_a_progress_bar_is_info(line: str, stream: int) -> None:
    assert only(line, stream) == I


def test_a_record_behind_an_unfinished_bar_counts() -> None:
    assert only("  0%|          | 0/10 [00:00<?, ?it/s]WARNING:root:careful", STDERR) == W


@pytest.mark.parametrize(("level", "line"), [(W, "warning package.json: No license field"), (I, "info Visit https://yarnpkg.com"), (E, "some text")])
def test_on_stderr_some_more_counts(level: Level, line: str) -> None:
    assert level == only(line, STDERR)


# ---- blocks: each line begins with the letter of its level ---------------------------------------------------------------------------------------

BLOCKS: Final = {
    "traceback": (STDOUT, """\
I starting now
E Traceback (most recent call last):
E   File "x.py", line 3, in <module>
E     main()
E     ~~~~^^
E   File "x.py", line 2, in main
E     raise ValueError("INFO: bad")
E ValueError: INFO: bad
I going on as before
"""),
    "repeated frames": (STDOUT, """\
E Traceback (most recent call last):
E   File "x.py", line 3, in f
E     f()
E   [Previous line repeated 996 more times]
E RecursionError: maximum recursion depth exceeded
I next
"""),
    "chained": (STDOUT, """\
E Traceback (most recent call last):
E   File "x.py", line 3, in <module>
E     1 / 0
E ZeroDivisionError: division by zero
E
E During handling of the above exception, another exception occurred:
E
E Traceback (most recent call last):
E   File "x.py", line 5, in <module>
E     raise MyErr from None
E __main__.MyErr
I next
"""),
    "cause": (STDOUT, """\
E Traceback (most recent call last):
E   File "x.py", line 3, in <module>
E KeyError: 'x'
E
E The above exception was the direct cause of the following exception:
E
E Traceback (most recent call last):
E   File "x.py", line 5, in <module>
E RuntimeError: y
"""),
    "thread": (STDOUT, """\
E Exception in thread Thread-1 (run):
E Traceback (most recent call last):
E   File "threading.py", line 3, in run
E     self._target()
E SystemExit: 3
I next
"""),
    "group": (STDOUT, """\
E   + Exception Group Traceback (most recent call last):
E   |   File "x.py", line 2, in <module>
E   |     raise ExceptionGroup("eg", [])
E   | ExceptionGroup: eg (2 sub-exceptions)
E   +-+---------------- 1 ----------------
E     | Traceback (most recent call last):
E     |   File "x.py", line 1, in <module>
E     | ValueError: 1
E     +---------------- 2 ----------------
E     | TypeError: 2
E     +------------------------------------
I next thing is fine
"""),
    "syntax error": (STDOUT, """\
E   File "x.py", line 1
E     x = = 3
E         ^
E SyntaxError: invalid syntax
I next
"""),
    "logger.exception": (STDERR, """\
I INFO:root:starting
E ERROR:root:it broke
E Traceback (most recent call last):
E   File "x.py", line 3, in <module>
E ValueError: bad
I INFO:root:going on
"""),
    "traceback of a warning record": (STDOUT, """\
W WARNING:root:it broke
W Traceback (most recent call last):
W   File "x.py", line 3, in <module>
W ValueError: bad
I text
"""),
    "traceback of a critical record": (STDOUT, """\
C CRITICAL:root:it broke
C Traceback (most recent call last):
C   File "x.py", line 3, in <module>
C ValueError: bad
I text
"""),
    "an exception named like a level": (STDOUT, """\
E Traceback (most recent call last):
E   File "x.py", line 3, in <module>
E DeprecationWarning: old
I text
"""),
    "exception without a known name": (STDOUT, """\
E Traceback (most recent call last):
E   File "x.py", line 3, in <module>
E zlib.error: Error -3 while decompressing
I text
"""),
    "stack_info": (STDERR, """\
I INFO:root:here
I Stack (most recent call last):
I   File "x.py", line 3, in <module>
I     logging.info("here", stack_info=True)
W WARNING:root:there
"""),
    "warning with its source": (STDERR, """\
W /x/y.py:12: UserWarning: careful
W   warnings.warn("careful")
E something else
"""),
    "java record": (STDOUT, """\
W 2024-01-02 10:00:00,123 WARN [main] a.B - failed
W java.io.IOException: no
W 	at a.B.c(B.java:12)
W 	at a.B.main(B.java:3)
W Caused by: java.net.ConnectException: refused
W 	at java.base/sun.nio.ch.Net.connect(Native Method)
W 	... 12 more
I 2024-01-02 10:00:00,124 INFO [main] a.B - going on
"""),
    "java uncaught": (STDOUT, """\
I hello there
E Exception in thread "main" java.lang.NullPointerException: x
E 	at a.B.c(B.java:12)
E 	at a.B.main(B.java:3)
I hello there
"""),
    "java printed": (STDOUT, """\
I hello there
E java.lang.IllegalStateException: x
E 	at a.B.c(B.java:12)
E 	Suppressed: java.lang.Exception: y
E 		at a.B.d(B.java:13)
I hello there
"""),
    "javascript": (STDOUT, """\
E TypeError: x is not a function
E     at Object.<anonymous> (/x/y.js:1:2)
E     at node:internal/main:12:3
I next
"""),
    "go panic": (STDERR, """\
C panic: runtime error: index out of range [5] with length 3
C
C goroutine 1 [running]:
C main.f(...)
C 	/x/main.go:5
C main.main()
C 	/x/main.go:9 +0x1d
C exit status 2
E other
"""),
    "zap stack": (STDOUT, """\
E 2024-01-02T10:00:00.000Z	ERROR	main.go:12	broken
E main.main
E 	/x/main.go:31
E runtime.main
E 	/usr/lib/go/src/runtime/proc.go:195
I 2024-01-02T10:00:00.000Z	INFO	main.go:13	well
"""),
    "continued record": (STDOUT, """\
W WARNING: first line
W   second line
W 	third line
I fourth line, at the margin
I   its own continuation
"""),
    "continued on stderr": (STDERR, """\
I 2024-01-02 10:00:00,123 - app - INFO - settings:
I     level: ERROR
I     path: /x
E at the margin
E     indented below it
"""),
    "rustc": (STDERR, """\
W warning: unused variable: `x`
W  --> src/main.rs:4:9
W   |
W 4 |     let x = 3;
W   |         ^ help: prefix it
"""),
    "aspnet": (STDOUT, """\
E fail: Microsoft.AspNetCore.Server.Kestrel[13]
E       Connection id "0H" was aborted
I info: Microsoft.Hosting.Lifetime[0]
I       Application started.
"""),
    "bars between records": (STDERR, """\
I  10%|#         | 1/10 [00:00<00:01, 9.9it/s]
W WARNING:root:careful
I  20%|##        | 2/10 [00:00<00:01, 9.9it/s]
"""),
    "ipython": (STDOUT, """\
E ValueError                                Traceback (most recent call last)
"""),
}  # fmt: skip


@pytest.mark.parametrize(("stream", "text"), BLOCKS.values(), ids=BLOCKS)
def test_a_block_has_one_level(stream: int, text: str) -> None:
    rows = text.splitlines()
    lines = [row[2:] for row in rows]
    seen = levels_of("".join(line + "\n" for line in lines), stream)
    assert [f"{row[0]} {row[2:]}" for row in rows] == [f"{level.name[0]} {line}" for level, line in zip(seen, lines, strict=True)]


def test_a_block_ends_after_its_bound() -> None:
    lines = b"WARNING: x\n" + b"  more\n" * 9
    assert [Level(value) for value in Classifier(block_lines=4).classify(lines, STDOUT)] == [W, W, W, W, I, I, I, I, I, I]


def test_streams_do_not_mix() -> None:
    classifier = Classifier()
    seen = [
        classifier.classify(b"Traceback (most recent call last):\n", STDERR),
        classifier.classify(b"plain text here\n  indented\n", STDOUT),
        classifier.classify(b'  File "x.py", line 1, in f\nValueError: x\n', STDERR),
        classifier.classify(b"WARNING: x\n", STDOUT),
    ]
    assert [list(levels) for levels in seen] == [[E], [I, I], [E, E], [W]]


# ---- the shape ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_will_do(kind: type) -> None:
    assert bytes([E, I]) == Classifier().classify(kind(b"ERROR: x\ny\n"), STDOUT)


@pytest.mark.parametrize(
    ("count", "data"), [(0, b""), (1, b"\n"), (1, b"x"), (2, b"x\n\n"), (2, b"\nx"), (3, b"a\r\n\r\nb"), (1, b"\0" * 100), (1, b"\xff\xfe")]
)
def test_there_is_one_level_per_line(count: int, data: bytes) -> None:
    assert count == len(Classifier().classify(data, STDOUT))


def _all_lines() -> list[str]:
    lines = {line for case in CASES for line in case.values[1].split("\n")}
    return sorted(lines | {row[2:] for _, text in BLOCKS.values() for row in text.splitlines()})


_BARE = ["plain words on it", "  indented", "", "ValueError: x", "\tat a.B(C.java:1)", "CRITICAL: x", "Traceback (most recent call last):", "x"]
_PARTS = [
    "at", "noon", "Loading", "model", "5", "root", "10:00:00", "2024-01-02", "2024-01-02 10:00:00,123", "Jan  2", "[main]", "[2024-01-02 10:00:00]",
    "a.b", "x:", "-", "|", "INFO", "INFO:", "[INFO]", "ERROR", "ERROR:", "[error]", "[Error]", "error:", "warning", "debug - INFO", "DEBUG",
    "level=warn",
    "45%|##  | 4/10 [00:01<00:02, 3it/s]", "no", "\x1b[31m", "\r", "", "exit status 2", "main.main()",
]  # fmt: skip
_BUILT = st.lists(st.sampled_from(_PARTS), min_size=1, max_size=6).map(" ".join)
_ANY_LINE = st.one_of(st.sampled_from(_all_lines()), st.sampled_from(_BARE), _BUILT, st.text(max_size=40)).map(
    lambda line: line.replace("\n", " ").encode()
)
_RUN = st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), _ANY_LINE), max_size=60)


def one_by_one(lines: list[tuple[int, bytes]], block_lines: int) -> list[int]:
    classifier = Classifier(block_lines)
    return [classifier.classify(line + b"\n", stream)[0] for stream, line in lines]


def in_chunks(lines: list[tuple[int, bytes]], block_lines: int, cuts: set[int]) -> list[int]:
    classifier = Classifier(block_lines)
    levels: list[int] = []
    start = 0
    for stop in range(1, len(lines) + 1):
        if stop == len(lines) or stop in cuts or lines[stop][0] != lines[start][0]:
            levels += classifier.classify(b"".join(line + b"\n" for _, line in lines[start:stop]), lines[start][0])
            start = stop
    return levels


@settings(max_examples=150, deadline=None)
@given(lines=_RUN, cuts=st.sets(st.integers(1, 59)))
def test_chunks_do_not_matter(lines: list[tuple[int, bytes]], cuts: set[int]) -> None:
    assert one_by_one(lines, 5) == in_chunks(lines, 5, cuts)


@settings(max_examples=300, deadline=None)
@given(lines=_RUN, first=st.integers(0, 59), block_lines=st.integers(1, 6))
def test_a_window_with_its_look_back_is_classified_as_the_whole(lines: list[tuple[int, bytes]], first: int, block_lines: int) -> None:
    start = max(0, first - (2 * block_lines + 2))
    assert one_by_one(lines, block_lines)[first:] == one_by_one(lines[start:], block_lines)[first - start :]


def test_the_look_back_is_that_of_the_property() -> None:
    assert 2 * BLOCK_LINES + 2 == LOOK_BACK_LINES


# ---- the fast path ------------------------------------------------------------------------------------------------------------------------------

_NOISE: Final = [
    "x" * 99, "12345", "0.5", "line 12345", "epoch 5 loss=0.1234 acc=0.99", "epoch 5, loss=0.1 level=error", "step 12345678 error Xyz",
    "5  0.5  error  x", "Total items: 5", "total: 5", "status: ok", "status: error", "key: some words", "key: some words - ERROR: x",
    "dpkg: error processing", "| 5 | error | 0.5 |", "| error | 5 |", "|5 | warning|", "+----+----+", "  a   b   c", "0  0.5 -1.25 NaN",
    "12 | x = 3", "/usr/lib/x.py", "./x.ERROR", "src/main.go", "a.ValueError", "Größe der Datei: 5", "für 5 Größen",
    "日本語 5 です", "日本語 ERROR: x",
    "    at home", "  at a.b(", "  ERR x", "    File names", "some words/x.py:12: UserWarning: x", "[INFO] x.py:12: UserWarning: x",
    "Mon the 10:00:00 level=error", "ERROR RATE: 1", "ERROR rate", "status: ERROR", "status: ERROR x", "status: ERROR  ", "app - ERROR - x",
    "app - ERROR", "DEBUG5: x", "DEBUG6: x", "trace3: x", "trace9: ERROR: x", "error: 5", "error: 5 x", "[error] 5", "[error]", "E/x ERROR y: z",
    "10:00:00 ERROR GLib-WARNING **: x", "[10:00][WARN 5] [error] x", "[10:00][WARN ] x", "rip 0x46", "rip 1x46",
    'msg="a level=error b" level=info', "caller=x level=warn y", "a=(b level=warn) ERROR x", "2024-01-02 10:00:00,123:root:WARNING:x",
    "100% [=====] done", '{"level":"error"}', '{"level":30}', '{"level":50}', '{"a":1,"level":"warn"}', '{"LEVEL":30,"level":"error"}', "<3>x",
    "<7>x", "x\x1b[31m ERROR", "ERRR: x", "größe-Message: x", "größe: 5", "größe: ERROR: x", "für x:12: UserWarning: y", "   a  NaN",
    '{"PRIORITY":"3"}', '{"levelno":30}', '{"severity":300}',
]  # fmt: skip
_NUMBERED = st.tuples(st.sampled_from([*_all_lines(), *_NOISE]), st.integers(0, 9)).map(lambda pair: re.sub(r"\d", str(pair[1]), pair[0]))
_NOISY_LINE = st.one_of(st.sampled_from(_NOISE), _NUMBERED).map(lambda line: line.replace("\n", " ").encode())
_MIXTURE = st.lists(st.one_of(_ANY_LINE, _NOISY_LINE), max_size=60)


def close_looks(lines: list[bytes], stream: int, block_lines: int) -> bytes:
    """The levels by a close look at each line, which is what the fast path must equal."""
    block = Block(E if stream else I, block_lines, stderr=bool(stream))
    return bytes(block._look(shown(line + b"\n")[1:-1], number) for number, line in enumerate(lines))


@settings(max_examples=500, deadline=None)
@given(lines=_MIXTURE, stream=st.sampled_from([STDOUT, STDERR]), cuts=st.sets(st.integers(1, 59)))
def test_the_fast_path_gives_the_level_of_a_close_look(lines: list[bytes], stream: int, cuts: set[int]) -> None:
    expected = list(close_looks(lines, stream, 5))
    assert expected == in_chunks([(stream, line) for line in lines], 5, cuts)


@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_what_is_remembered_of_a_line_holds_for_all_lines_of_its_shape(stream: int) -> None:
    lines = [line.encode() for line in [*_all_lines(), *_NOISE] if "\n" not in line]
    tails = [b"", b" ", b" 5", b" ERROR: x", b" RATE: 5", b": 0.5", b" level=warn", b" x.py:12: UserWarning: y", b" [error] z"]
    for head in lines:  # each line twice: once to remember it, once to have it remembered
        for tail in [*tails, *tails]:
            line = head + tail
            assert close_looks([line], stream, 5) == Block(E if stream else I, 5, stderr=bool(stream)).classify(line + b"\n", 0), line


def test_the_memory_of_shapes_is_bounded() -> None:
    heads = Heads(re.compile(rb"$^"), stderr=False)
    for number in range(3 * KNOWN_SHAPES):
        name = "".join(chr(97 + int(digit)) for digit in str(number)).encode()
        text = b"\n%s.x: ERROR: y\n" % name
        assert heads.kind(text, equal_digits(text), 1, len(text) - 1) == E
    assert len(heads.heads) <= KNOWN_SHAPES
    assert len(heads.lines) <= KNOWN_SHAPES


FLOODS: Final = {
    "one letter": ["x" * 99] * 500,
    "numbers": [str(number) for number in range(500)],
    "epochs": [f"epoch {number} loss=0.{number} acc=0.99" for number in range(500)],
    "records": [f"2024-01-02 10:00:00,{number:03d} {['INFO', 'ERROR'][number % 2]} app.module: text {number}" for number in range(500)],
    "a table": [f"| {number} | some name | 0.{number} |" for number in range(500)],
    "pairs": [f"items in row: {number}" for number in range(500)],
}


@pytest.mark.parametrize("lines", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("stream", [STDOUT, STDERR])
def test_500_lines_of_a_flood_cost_about_a_millisecond(lines: list[str], stream: int) -> None:
    """Because a server classifies so many on its event loop; three times that is allowed here, for the machine may be slow or shared."""
    data = "".join(line + "\n" for line in lines).encode()
    Classifier().classify(data, stream)

    def cost() -> float:
        start = time.process_time()
        Classifier().classify(data, stream)
        return time.process_time() - start

    assert min(cost() for _ in range(5)) < 0.003


@pytest.mark.parametrize("line", ["ERRR: x", "2024-01-02 10:00:00 ERRR x", '{"a":1}"name":"level"', '{"a":1}}"name":"x","level":3', "{}{}"])
def test_what_is_nearly_a_format_does_no_harm(line: str) -> None:
    assert only(line) == I


HOSTILE: Final = [
    b"a " * 500_000, b"[" * 1_000_000, b"[a" * 500_000, b"1:" * 500_000, b'{"' + b"a" * 1_000_000, b'{"a":' * 200_000 + b'"level"',
    b"\x1b[" * 500_000,
    b"a=" * 500_000, b"A " * 500_000, b"a.b " * 300_000, b"- " * 500_000, b"a: " * 300_000, b'a="' * 300_000 + b" level=x", b"\r" * 1_000_000,
    b"1%|" * 300_000, b" " * 1_000_000, b"\x1b]" + b"a" * 1_000_000, b'level=x a="' * 100_000, b'File "' * 200_000, b"a.A" * 300_000,
]  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: repr(line[:8]))
def test_a_hostile_line_costs_little(line: bytes) -> None:
    Classifier().classify(b"x\n", STDERR)  # compiles
    start = time.perf_counter()
    Classifier().classify(line + b"\n", STDERR)
    Classifier().classify(b"ERROR: x\n  " + line + b"\n", STDERR)
    assert time.perf_counter() - start < 0.05


def test_importing_it_compiles_nothing_big() -> None:
    code = "import re, enum, typing, prismq_nb, time; t = time.perf_counter(); import prismq_nb.journal.levels; print(time.perf_counter() - t)"
    best = min(float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout) for _ in range(3))
    assert best < 0.005
