"""Formats that name the level by one letter: of logging libraries and of single programs."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar.format import LETTERS, Format
from prismq_nb.journal.levels.grammar.pieces import ANDROID_TIME, CLOCK
from prismq_nb.journal.levels.grammar.words import SYSLOG

FORMATS: Final = (
    Format(
        "Python logging, one letter",
        "https://docs.python.org/3/library/logging.html#logrecord-attributes",
        {
            r"([DIWEC]) (?:\d{4}[-/]\d\d[-/]\d\d[ T])?\d\d:\d\d:\d\d": (
                "D D 2024-05-01 10:00:00,123 shop.cart: x",
                "C C 2024/05/01 10:00:00 gone",
                "W W 10:00:00 shop.cart: x",
            ),
        },
        LETTERS,
    ),
    Format(
        "logcat",
        "https://developer.android.com/tools/logcat#outputFormat",
        {
            r"([VDIWEFA])/[^\n(:]{1,80}(?:\([ ]*\d+\))?: ": (
                "E E/AndroidRuntime( 1234): FATAL EXCEPTION: main",
                "W W/System.err: java.io.IOException",
            ),
            r"([VDIWEF]) ?\( *\d+(?::\s*\w+)?\) ": (
                "I I (123) boot: ESP-IDF error none",
                "W W (5312) wifi: careful",
                "E E (1234) wifi: broken",
            ),
            ANDROID_TIME + r" *(?:(?![A-Z]+ )\S+ +)?\d+ +\d+ ([VDIWEFA]) ": (
                "C 05-01 10:00:00.123  1234  1234 F DEBUG   : backtrace:",
                "D 05-10 12:00:00.000  1702 14638 V PhoneStatusBar: error text",
                "E 05-10 12:00:00.000  1234  5678 E Tag: msg",
                "W 2024-05-10 12:00:00.000  1234  5678 W ActivityManager: Slow operation",
                "I 05-01 10:00:00.123  1234  1234 I chatty  : uid=1000(system) identical 12 lines",
            ),
            ANDROID_TIME + "([VDIWEFA])/": (
                "I 05-10 12:00:00.000 I/Tag( 123): error text",
                "W 05-01 10:00:00.123 W/System  ( 123): ClassLoader referenced unknown path",
            ),
            r"\[ " + ANDROID_TIME + r" *\d+: *\w+ ([VDIWEFA])/": (
                "W [ 01-02 10:00:00.123  1234: 1234 W/Zygote   ]"
            ),
        },
        LETTERS,
    ),
    Format(
        "Ruby Logger",
        "https://docs.ruby-lang.org/en/master/Logger.html",
        {
            r"([DIWEF]), \[\d": (
                "C F, [2024-01-15T12:00:00.123456 #1] FATAL -- : x",
                "E E, [2024-01-02T10:00:00.000000 #1234] ERROR -- : broken",
                "D D, [2024-01-15T12:00:00.123456 #1] DEBUG",
                "I I, [2024-01-15T12:00:00.123456 #1]  INFO",
            ),
        },
        LETTERS,
    ),
    Format(
        "Tornado, Jupyter",
        "https://www.tornadoweb.org/en/stable/log.html",
        {
            r"\[([TDIWECFV]) +\d[\d:.\-]+[ \]]": (
                "E [E 240115 12:00:00 web:12] Uncaught exception GET /",
                "W [W 2024-01-15 12:00:00.123 LabApp] 'token' has moved",
                "I [I 240115 12:00:00 web:2271] 200 GET /error (127.0.0.1) 0.50ms",
                "C [C 2024-01-15 12:00:00.123 ServerApp]",
                "D [D 240115 12:00:00 web:12] x",
            ),
        },
        LETTERS,
    ),
    Format(
        "ESPHome",
        "https://esphome.io/components/logger.html",
        {
            r"\[\d\d:\d\d:\d\d(?:\.\d+)?\]\[([VDIWEC])\]\[": (
                "W [12:00:00][W][component:123]: took a long time",
                "I [12:00:00][I][app:102]: ESPHome version",
                "E [12:00:00][E][wifi:123]: broken",
            ),
        },
        LETTERS,
    ),
    Format(
        "spdlog",
        "https://github.com/gabime/spdlog/wiki/3.-Custom-formatting",
        {
            r"\[\d[\d\-/:.T ,+]{6,30}Z?\] (?:\[[^\]\n]{1,60}\] ){0,2}\[-{0,4}([TDIWECF])-{0,4}"
            r"\] ": (
                "C [10:11:12 +00:00] [db] [---C---] [thread 12] full",
                "W [10:11:12 +00:00] [db] [---W---] [thread 12] nearly full",
                "D [10:11:12 +00:00] [db] [---T---] [thread 12] ERROR is what it looks for",
                "I [05/01/2024-10:00:00] [TRT] [I] [MemUsageChange] Init CUDA: CPU +14, GPU +0",
                "E [05/01/2024-10:00:00] [E] Error[2]: [bui",
            ),
        },
        LETTERS,
    ),
    Format(
        "HTSlib",
        "https://github.com/samtools/htslib/blob/develop/htslib/hts_log.h",
        {
            r"\[([DWE])::[\w.]+\] ": (
                "W [W::sam_read1] Parse warning at line 12",
                "E [E::idx_find_and_load] Could not retrieve index file for 'x.bam'",
            ),
        },
        LETTERS,
    ),
    Format(
        "Telegraf",
        "https://docs.influxdata.com/telegraf/v1/configuration/",
        {
            r"\d{4}-\d\d-\d\dT[\d:.]{8,18}Z ([DIWE])! ": (
                "I 2024-01-15T12:00:00Z I! Loaded inputs: cpu error",
                "E 2024-01-15T12:00:00Z E! [inputs.cpu] Error in plugin: x",
                "D 2024-01-15T12:00:00Z D! [outputs.file] x",
                "W 2024-01-15T12:00:00Z W! [agent] careful",
            ),
        },
        LETTERS,
    ),
    Format(
        "stunnel",
        "https://www.stunnel.org/static/stunnel.html",
        {
            r"\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d LOG([0-7])\[": (
                "I 2024.03.04 10:11:12 LOG5[ui]: ERROR is a word",
                "W 2024.03.04 10:11:12 LOG4[ui]: nearly full",
                "D 2024.03.04 10:11:12 LOG7[12]: counted",
                "E 2024.03.04 10:11:12 LOG3[ui]: full",
            ),
        },
        {str(number): level for number, level in enumerate(SYSLOG)},
    ),
    Format(
        "time and letter: TensorFlow, MongoDB before 4.4, etcd",
        "https://github.com/tensorflow/tensorflow",
        {
            CLOCK + r" +(?:\| *)?([TDIWEFCVN])(?:(?<!N) (?=\S)|(?<!N) ?[|/:]|(?<=N) \|)": (
                "I 2024-03-04 10:11:12.123456 N | depot/stock: packed",
                "W 2024-03-04 10:11:12.123456 W | depot: nearly full",
                "C 05-01 10:00:00.123  1234  1234 F DEBUG   : backtrace:",
                "D 05-10 12:00:00.000  1702 14638 V PhoneStatusBar: error text",
                "E 05-10 12:00:00.000  1234  5678 E Tag: msg",
            ),
            r"\[" + CLOCK + r" +(?:\| *)?([TDIWEFCVN])(?:(?<!N) (?=\S)|(?<!N) ?[|/:]|(?<=N) \|)": (
                "I [2024-05-01 09:00:00,000 I 123 123] core_worker.cc:201: Initializing",
                "E [2024-05-01 09:00:00,000 E 123 123] core",
                "C [2024-05-01 10:00:00,123 C 12 34] core_w",
                "W [2024-05-01 10:00:00,123 W 12 34] global",
            ),
        },
        LETTERS,
    ),
    Format(
        "a letter in brackets: golog, ONNX Runtime",
        "https://github.com/microsoft/onnxruntime",
        {
            r"\[([DIWE])\] (?!=)": "W [W] disk almost full",
            CLOCK + r" +(?:[\w.\-/]{1,60}:? +)?\[([TVDINWEFC])(?:\] |:onnxruntime:)": (
                "D 2024-03-04 10:11:12 depot.stock: [T] looks for ERROR",
                "I 2024-03-04 10:11:12 depot.stock: [N] begun",
                "C 2024-03-04 10:11:12 depot.stock: [C] full",
                "W 2024-05-01 10:00:00.123456789 [W:onnxruntime:",
            ),
            r"\[" + CLOCK + r" +(?:[\w.\-/]{1,60}:? +)?\[([TVDINWEFC])(?:\] |:onnxruntime:)": (
                "D [05/01/2024-10:00:00] [V] [TRT] Registered plugin creator",
                "I [10:11:12] [I] begun",
                "E [05/01/2024-10:00:00] [E] Error[2]: [bui",
                "W [05/01/2024-10:00:00] [W] [TRT] onnx2trt",
            ),
        },
        LETTERS,
    ),
    Format(
        "Poco",
        "https://docs.pocoproject.org/current/Poco.PatternFormatter.html",
        {
            CLOCK + r" [\w.\-]{1,60}(?:\[\d*\])?:[\w.\-]{0,60}:([TDINWEFC]):": (
                "W 10:11:12.4 host:depot.stock:W:nearly full",
                "E 10:11:12.4 host[12]:depot.stock:E:full",
            ),
            r"\[" + CLOCK + r" [\w.\-]{1,60}(?:\[\d*\])?:[\w.\-]{0,60}:([TDINWEFC]):": (
                "E [2024-01-02 10:00:00] host[12]:app:E:broken"
            ),
        },
        LETTERS,
    ),
    Format(
        "Mumble",
        "https://github.com/mumble-voip/mumble",
        {
            r"<([DIWEFC])>\d{4}-\d\d-\d\d ": (
                "W <W>2024-03-04 10:11:12.123 1 => <4:anna(-1)> Rejected: no room"
            ),
        },
        LETTERS,
    ),
    Format(
        "X.Org",
        "https://www.x.org/releases/current/doc/man/man1/Xorg.1.xhtml",
        {
            r"\((II|WW|EE|DB)\) ": "W (WW) Falling back to old probe method for fbdev",
            r"\[ *\d+\.\d+\] \((II|WW|EE|DB)\) ": "E [    12.345] (EE) Failed to load module",
        },
        LETTERS,
    ),
)
