"""Hostile requests to a real Jupyter server are answered, never with a 5xx, and affect nobody else.

Hypothesis makes the requests and sends them byte for byte, because a well-behaved client would not.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, urlsplit

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from support.journals import MadeRun
from support.jupyter_process import JupyterProcess

pytestmark = pytest.mark.slow  # thousands of requests to a real server

ANSWER_SECONDS = 20.0
"""No request takes so long, on however busy a machine; one that never ends does."""
NOTICEABLE_SECONDS = 1.0
"""What others may wait while somebody does his worst; where that takes long, half of it: who had to
wait for its end would wait for all of it."""
HOSTILE = st.sampled_from(
    [
        *(
            b"",
            b"\0",
            b"\r\nX-Evil: 1",
            b"\n\nevent: complete\ndata: {}\n\n",
            b"..",
            b"../../etc/passwd",
            b"\xff\xfe",
            b"%00",
            b"%2e%2e%2f",
            b"-1",
            b"1e9",
        ),
        *(
            b"9" * 30,
            b"99999999999999999999",
            b"\xe2\x80\xa8",
            b"\xed\xa0\x80",
            b"A" * 3000,
            b"null",
            b"{}",
            b"(a*)*b",
            b"((",
            b"(?P<a>",
            b"'\"<script>",
        ),
        *(
            b"2025-10-31T12:00:00Z",
            b"9999-12-31T23:59:59+14:00",
            b"0001-01-01",
            b"2025-13-01T00:00:00Z",
            b"inf",
            b"INFO,",
            b"true",
            b"raw",
            b"5",
            b"a,b",
        ),
    ]
)
TEXT = (
    HOSTILE
    | st.binary(max_size=20)
    | st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
NAMES = [
    "tail",
    "limit",
    "after",
    "before",
    "since",
    "level",
    "q",
    "regex",
    "case",
    "format",
    "run",
    "status",
    "offset",
    "module_id",
    "purge",
    "buckets",
    "begin",
    "end",
]
# it reads these itself, wherever it likes
JUPYTERS_OWN = ["no_track_activity", "_xsrf", "_", "token"]
QUERY = st.lists(
    st.tuples(st.sampled_from(NAMES + JUPYTERS_OWN) | st.just("a\xff"), TEXT), max_size=5
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Last-Event-ID",
            "Range",
            "If-Range",
            "If-None-Match",
            "If-Modified-Since",
            "Accept",
            "Content-Type",
            "Content-Encoding",
        ]
    )
    | st.sampled_from(
        [
            "Referer",
            "Origin",
            "Cookie",
            "X-XSRFToken",
            "X-Forwarded-For",
            "X-Real-IP",
            "X-Scheme",
            "X-HTTP-Method-Override",
        ]
    ),
    # tornado refuses those
    TEXT.map(lambda value: re.sub(rb"[\0-\x08\n-\x1f\x7f]", b"", value).strip())
    | st.sampled_from(
        [
            b"bytes=0-",
            b"bytes=-1",
            b"bytes=5-2",
            b"bytes=99999999999999999999-",
            b"bytes=0-1,2-3",
            b'"0"',
            b"*",
            b"W/*",
            b"gzip",
        ]
    ),
    max_size=4,
)
PATHS = [
    "",
    "/{id}",
    "/{id}/input",
    "/{id}/restart",
    "/{id}/logs",
    "/{id}/logs/stream",
    "/{id}/logs/search",
    "/{id}/logs/timeline",
    "/{id}/logs/download",
    "/{id}/usage",
    "/{id}/attempts",
    "/stream",
    "/openapi.yaml",
    "/{id}/{id}",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["\0", "a\r\nb", "..", "x" * 5000, 10**30, 1e308]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = [
    "args",
    "parameters",
    "name",
    "python",
    "cwd",
    "env",
    "unbuffered",
    "color",
    "pty",
    "merge",
    "mask",
    "timeout",
    "launcher",
    "script",
    "module",
]
SPEC = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3).map(
    lambda fields: {"code": "pass", **fields}
)
BODY = (
    st.binary(max_size=30)
    | JSON.map(lambda value: json.dumps(value).encode())
    | SPEC.map(lambda value: json.dumps(value).encode())
)


def check_error(answer: Answer) -> None:
    """An error is JSON with a message and a reason, and says what it is about if it knows."""
    body = json.loads(answer.body)
    assert {"message", "reason"} <= set(body) <= {"message", "reason", "parameter", "detail"}, body


@dataclass
class Answer:
    """The response bytes before the connection was closed."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(maxsplit=2)[1])

    @property
    def headers(self) -> dict[str, str]:
        pairs = (line.decode("latin-1").partition(":") for line in self.head.split(b"\r\n")[1:])
        return {name.strip().lower(): value.strip() for name, _, value in pairs}


class Server:
    """A Jupyter server with an ended run.

    Attributes:
        run_id: the run.
    """

    def __init__(self, home: Path) -> None:
        # handmade runs are old
        self.process = JupyterProcess.start(
            home, "--PrismQApp.keep_days=0", "--PrismQApp.keep_runs=0"
        )
        run = MadeRun(self.process.data_dir)
        run.write("one\nERROR: two\n\xe9\n".encode("latin-1"))
        run.end()
        self.run_id = run.run_id

    def send(
        self,
        method: str,
        target: bytes,
        *,
        headers: dict[str, bytes] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Send a raw request to a target below ``/api/runs``, and read until the server closes."""
        url = urlsplit(self.process.url)
        lines = [
            method.encode() + b" " + url.path.encode() + b"api/runs" + target + b" HTTP/1.0",
            b"Host: " + url.netloc.encode(),
            b"Authorization: token " + self.process.token.encode(),
            b"Content-Length: %d" % len(body),
            *(name.encode() + b": " + value for name, value in (headers or {}).items()),
        ]
        with socket.create_connection(
            (url.hostname, url.port), timeout=ANSWER_SECONDS
        ) as connection:
            connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            received = b""
            while piece := connection.recv(1 << 16):
                received += piece
        head, _, content = received.partition(b"\r\n\r\n")
        return Answer(head, content)

    def launch(self, **spec: object) -> Answer:
        return self.send("POST", b"", body=json.dumps({"code": "pass", **spec}).encode())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("safety"))
    yield server
    server.process.stop()


def rounds(whole: bool, small: int, large: int) -> settings:
    return settings(
        max_examples=large if whole else small,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )


def check(answer: Answer, *, from_us: bool = True) -> None:
    """Check that it is a response, no 5xx, and has no header injected by the request."""
    assert 200 <= answer.status < 500, answer
    assert "x-evil" not in answer.headers, answer
    if answer.status >= 400 and from_us:
        check_error(answer)


def test_any_query_and_headers_are_answered(server, whole, seed):
    @seeded(seed)
    @rounds(whole, 150, 3000)
    @given(
        st.sampled_from(["GET", "GET", "DELETE", "PATCH", "POST", "HEAD", "PUT", "OPTIONS"]),
        st.sampled_from(PATHS),
        TEXT | st.none(),
        QUERY,
        HEADERS,
    )
    def ask(method, path, run_id, query, headers):
        own = (
            server.run_id
            if run_id is None or method == "DELETE"
            else quote_from_bytes(run_id, safe="")
        )
        if method == "DELETE":
            query = [pair for pair in query if pair[0] != "purge"]  # the run is needed
        pairs = [
            quote_from_bytes(name.encode("latin-1")) + "=" + quote_from_bytes(value)
            for name, value in query
        ]
        target = path.format(id=own) + ("?" + "&".join(pairs) if pairs else "")
        answer = server.send(method, target.encode(), headers=headers)
        assert 200 <= answer.status < 500 or answer.status == 304, answer
        assert "x-evil" not in answer.headers, answer
        if answer.status >= 400 and method != "HEAD" and answer.status != 416:
            check_error(answer)

    ask()


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PATCH", "/{id}"), ("POST", "/{id}/input")],
    ids=["launch", "change", "input"],
)
def test_any_body_is_answered(server, whole, seed, method, path):
    @seeded(seed)
    @rounds(whole, 40, 1000)
    @given(BODY)
    def ask(body):
        check(server.send(method, path.format(id=server.run_id).encode(), body=body))

    ask()


BOMBS = {
    "deep-lists": b'{"code": "pass", "parameters": {"a": ' + b"[" * 300_000,
    "deep-lists-closed": b'{"code": "pass", "parameters": {"a": '
    + b"[" * 300_000
    + b"]" * 300_000
    + b"}}",
    "deep-objects": b'{"code": "pass", "parameters": '
    + b'{"a":' * 150_000
    + b"1"
    + b"}" * 150_000
    + b"}",
    "deep-enough-to-be-shown": b'{"code": "pass", "parameters": '
    + b'{"a":' * 700
    + b"1"
    + b"}" * 700
    + b"}",
    "deep-unknown-field": b'{"x": ' + b"[" * 300_000,
    "huge-integer": b'{"code": "pass", "parameters": {"a": ' + b"9" * 900_000 + b"}}",
    "huge-exponent": b'{"code": "pass", "timeout": 1e999999999}',
    "not-a-number": b'{"code": "pass", "timeout": NaN}',
    "half-a-surrogate": b'{"code": "\\ud800"}',
    "raw-surrogate": b'{"code": "\xed\xa0\x80"}',
    "utf-16": '{"code": "pass"}'.encode("utf-16"),
    "nul-bytes": b"\0" * 1_000_000,
    "no-end": b'{"code": "' + b"a" * 1_000_000,
    "path-too-long": json.dumps({"script": "a" * 100_000}).encode(),
    "folder-too-long": json.dumps({"code": "pass", "cwd": "/" + "a" * 100_000}).encode(),
    "python-too-long": json.dumps({"code": "pass", "python": "/" + "a" * 100_000}).encode(),
    "nobodys-home": b'{"script": "~nobody-of-that-name/x.py"}',
    "argument-too-long": json.dumps({"code": "pass", "args": ["a" * 900_000]}).encode(),
    "many-arguments": json.dumps({"script": "missing.py", "args": ["a"] * 200_000}).encode(),
    "many-variables": json.dumps(
        {"script": "missing.py", "env": {f"a{i}": "" for i in range(60_000)}}
    ).encode(),
    "many-keys-of-one-hash": b'{"code": "pass", "launcher": "moon", "parameters": {'
    + b",".join(b'"%d": 0' % i for i in range(60_000))
    + b"}}",
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_a_decompression_bomb_is_refused_with_a_short_message(server, body):
    answer = server.send("POST", b"", body=body)
    check(answer)
    assert (400, True) == (answer.status, len(answer.body) < 20_000), answer.body[:300]


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/input"], ids=["launch", "change", "input"])
@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"identity, gzip", b"GZIP"])
def test_a_compressed_body_is_refused_and_never_inflated(server, path, coding):
    process = psutil.Process(server.process.process.pid)
    before = process.memory_info().rss
    bomb = (
        gzip.compress(b"[" * (100 << 20), 1)
        if coding == b"gzip" and not path
        else gzip.compress(b'{"code": "pass"}')
    )
    method = "PATCH" if path == "/{id}" else "POST"
    answer = server.send(
        method,
        path.format(id=server.run_id).encode(),
        headers={"Content-Encoding": coding},
        body=bomb[:1_000_000],
    )
    check(answer)
    assert (400, True) == (answer.status, b"Content-Encoding" in answer.body)
    assert process.memory_info().rss - before < 50 << 20


NAMES_OF_RUNS = [
    "../../x",
    "..",
    ".",
    "/etc/passwd",
    "a\0b",
    "a\r\nX-Evil: 1",
    "a\nb",
    'x"; filename="evil.exe',
    "\u2028",
    "é" * 500,
    " ",
    "-rf",
    "%2e%2e",
    "CON",
]


@pytest.mark.parametrize("name", NAMES_OF_RUNS, ids=range(len(NAMES_OF_RUNS)))
def test_a_name_gets_into_no_path_and_no_header(server, name):
    runs = server.process.data_dir / "runs"
    outside = {path for path in server.process.home.rglob("*") if runs not in path.parents}
    answer = server.launch(name=name)
    check(answer)
    run = json.loads(answer.body)
    assert (202, name) == (answer.status, run["module_name"])
    assert re.fullmatch(r"run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}", run["run_id"])
    assert answer.headers["location"].endswith(f"/api/runs/{run['run_id']}")
    assert (runs / run["run_id"]).is_dir()
    assert outside == {path for path in server.process.home.rglob("*") if runs not in path.parents}
    for form in ("text", "raw", "jsonl"):
        download = server.send("GET", f"/{run['run_id']}/logs/download?format={form}".encode())
        check(download)
        assert (
            f"attachment; filename={run['run_id']}.log" == download.headers["content-disposition"]
        )


@pytest.mark.parametrize(
    "run_id",
    ["x\n\nevent: complete\ndata: {}\n\n", "x\r\nid: 5", "x\rdata: y", "x\u2028y", "x\0y"],
    ids=ascii,
)
def test_an_id_does_not_break_out_of_its_event(server, run_id):
    answer = server.send("GET", b"/stream?run=" + quote_from_bytes(run_id.encode()).encode())
    lines = re.split(rb"\r\n|\r|\n", answer.body.strip())
    assert [b"batch"] == [line[7:] for line in lines if line.startswith(b"event: ")]
    (data,) = [line[6:] for line in lines if line.startswith(b"data: ")]
    assert run_id == json.loads(data)["run"]
    assert not [line for line in lines if line.startswith(b"id:")]


@pytest.mark.parametrize("count", [51, 1000], ids=["one-too-many", "far-too-many"])
def test_too_many_runs_are_refused(server, count):
    answer = server.send(
        "GET", b"/stream?" + b"&".join(b"run=%d" % number for number in range(count))
    )
    check(answer)
    assert 400 == answer.status


PATTERNS = ["(a?){400}a{400}", ".*a.{400}b"]
REFUSED = [
    "((((a{100}){100}){100}){100})",
    "(.?){1000}",
    "x" * 1001,
    "(",
    "a{1001}",
    "(?<=a)b",
    r"(a)\1",
    r"\pX",
]


@pytest.fixture(scope="module")
def long_lines(server: Server) -> str:
    """A run with the slowest lines for patterns: long, and of two letters at random."""
    run = MadeRun(server.process.data_dir, "run_20251031_120000_long_abc123")
    letters = random.Random(5)
    for _ in range(3):
        run.write("".join(letters.choices("ab", k=250_000)) + "\n")
    run.end()
    return run.run_id


@pytest.mark.parametrize(
    "path",
    ["logs?after=-1&", "logs/stream?after=-1&", "logs/stream?tail=2&", "logs/search?"],
    ids=["poll", "stream", "tail", "search"],
)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_pattern_delays_other_requests(server, long_lines, path, pattern):
    """RE2 needs time linear in the text, and must spend it where nobody else waits."""
    asked = f"/{long_lines}/{path}regex=true&q={quote_from_bytes(pattern.encode())}".encode()
    answers: list[Answer] = []
    search = threading.Thread(target=lambda: answers.append(server.send("GET", asked)))
    search.start()
    slowest, started = 0.0, time.perf_counter()
    for number in itertools.count():
        begin = time.perf_counter()
        check(server.send("GET", f"/{server.run_id}".encode()))
        slowest = max(slowest, time.perf_counter() - begin)
        if number >= 3 and not search.is_alive():
            break
    assert [200] == [answer.status for answer in answers]
    assert slowest < max(NOTICEABLE_SECONDS, (time.perf_counter() - started) / 2)


@pytest.mark.parametrize("path", ["logs", "logs/stream", "logs/search"])
@pytest.mark.parametrize("pattern", REFUSED, ids=lambda pattern: pattern[:30])
def test_a_pattern_that_would_cost_too_much_is_refused_with_its_reason(server, path, pattern):
    answer = server.send(
        "GET", f"/{server.run_id}/{path}?regex=true&q={quote_from_bytes(pattern.encode())}".encode()
    )
    check(answer)
    error = json.loads(answer.body)
    assert (400, "InvalidRequest", True) == (
        answer.status,
        error["reason"],
        error["message"].startswith("q="),
    )
    assert len(error["message"]) > len("q=''") + 20


def test_the_server_still_works(server):
    """After all of the above it responds, and its log has no traceback."""
    check(server.send("GET", f"/{server.run_id}".encode()))
    assert "Traceback" not in server.process.log
