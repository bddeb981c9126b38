"""Requests generated from openapi.yaml, valid and invalid, to a real Jupyter server.

There is no 5xx, and every response matches the document.

What is started is bounded: where a body would start something, its source is replaced by one that
ends at once. Streamed runs have ended, so each stream ends by itself. ``--whole`` sends more than
5,000 requests.
"""

from __future__ import annotations

import itertools
import secrets
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from support.api_document import document, operations, strict_document
from support.journals import MadeRun
from support.jupyter_process import JupyterProcess, until
from support.waiting import WAIT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow  # thousands of requests to a real server

WHOLE_REQUESTS = 5000
# A schema cannot say which values fit together: `tail` contradicts `limit`, `q` is a pattern with
# `regex`, a script must exist.
NOT_FOR_US = {"positive_data_acceptance"}


class Target:
    """A server with runs in every state, and the requests sent to it.

    Attributes:
        ended: a run to read; `running`: one that reads its stdin for ever; `repeatable`: one that
            ended and can be started again.
    """

    def __init__(self, home: Path) -> None:
        # handmade runs are old
        self.server = JupyterProcess.start(
            home, "--PrismQApp.keep_days=0", "--PrismQApp.keep_runs=0"
        )
        self.session = requests.Session()
        self.session.headers.update(self.server.headers)
        self.numbers = itertools.count()
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.ended = self._made()
        self.running = self._launched("import sys\nfor line in sys.stdin: pass")
        self.repeatable = self._launched("pass")
        until(
            lambda: self._get(f"api/runs/{self.repeatable}")["status"] == "completed",
            "the end of a run",
        )

    def close(self) -> None:
        self.session.close()
        for run in self._get("api/runs?status=running&limit=1000")["runs"]:
            for _ in range(3):  # at once: SIGINT, SIGTERM, SIGKILL
                requests.delete(
                    f"{self.server.url}api/runs/{run['run_id']}",
                    headers=self.server.headers,
                    timeout=WAIT_SECONDS,
                )
        self.server.stop()
        self.server.remove()

    def _get(self, path: str) -> Any:
        return requests.get(
            f"{self.server.url}{path}", headers=self.server.headers, timeout=WAIT_SECONDS
        ).json()

    def _launched(self, code: str) -> str:
        return str(
            self.session.post(
                f"{self.server.url}api/runs", json={"code": code}, timeout=WAIT_SECONDS
            ).json()["run_id"]
        )

    def _made(self) -> str:
        """A handmade run with a bit of everything, which takes a millisecond."""
        run = MadeRun(self.server.data_dir, f"run_20251031_120000_made_{secrets.token_hex(3)}")
        run.write("one\nERROR: two\n")
        run.lose(b"lost\n")
        run.write("\x1b[32mthr\xe9e\x1b[0m\r\n" * 600, stream=1)
        run.end()
        return run.run_id

    def _run_for(self, method: str, path: str, number: int) -> str:
        if method == "DELETE":
            return self._made()
        if path.endswith("/restart"):
            return self.repeatable if number % 3 else self.running
        return self.ended if path.endswith(("/stream", "/search")) or number % 3 else self.running

    def aim(self, case: schemathesis.Case, number: int) -> None:
        """Direct three of four requests with an id to a run that the operation cannot harm; start
        only what ends.
        """
        path, method = case.operation.path, case.operation.method.upper()
        if (
            "run_id" in (case.path_parameters or {})
            and number % 4
            and _mode(case, "path").is_positive
        ):
            case.path_parameters["run_id"] = self._run_for(method, path, number)
        if (
            path == "/api/runs/stream"
            and isinstance(case.query, dict)
            and number % 4
            and _mode(case, "query").is_positive
        ):
            case.query["run"] = [f"{self.ended}@{number % 5}"]
        if (
            path.endswith("/logs/search")
            and isinstance(case.query, dict)
            and number % 2
            and _mode(case, "query").is_positive
        ):
            case.query |= {"q": "two", "regex": "false"}
        if (
            method == "DELETE"  # 409 without `purge`: the run has ended
            and isinstance(case.query, dict)
            and number % 2
            and _mode(case, "query").is_positive
        ):
            case.query["purge"] = "true"
        if (method, path) == ("POST", "/api/runs") and isinstance(case.body, dict):
            for name, harmless in (("code", "pass"), ("command", "true")):
                if _runs(case.body.get(name)):
                    case.body[name] = harmless
            if (
                isinstance(case.body.get("command"), list)
                and case.body["command"]
                and _runs(case.body["command"][0])
            ):
                case.body["command"][0] = "true"
            if isinstance(case.body.get("module"), str):
                case.body["module"] = "this.is.nowhere"


def _runs(value: object) -> bool:
    """Whether it is source text that can be run."""
    return isinstance(value, str) and bool(value) and "\0" not in value


def _mode(case: schemathesis.Case, location: str) -> GenerationMode:
    for place, component in case.meta.components.items():
        if place.value == location:
            return component.mode
    return GenerationMode.POSITIVE


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(tmp_path_factory.mktemp("schemathesis"))
    yield target
    target.close()


@pytest.fixture(scope="module")
def described(target: Target) -> schemathesis.BaseSchema:
    """The document, with no fields allowed beyond those described, so that an additional one
    fails.
    """
    rejected = ["400", "403", "404", "405", "409", "413"]  # 413: a text over its `maxLength`
    config = schemathesis.Config.from_dict(
        {
            "base-url": target.server.url.rstrip("/"),
            "generation": {"with-security-parameters": False},
            "checks": {"negative_data_rejection": {"expected-statuses": rejected}},
        }
    )
    return schemathesis.openapi.from_dict(strict_document(), config=config)


ENDLESS = {"/api/runs/events"}
"""A client here reads every response to its end: see test_run_events.py."""
ASKED = [
    pytest.param(method, path, mode, id=f"{method}-{path}-{mode.value}")
    for method, path, operation in operations(document())
    if path not in ENDLESS
    for mode in GenerationMode
    # otherwise nothing could be invalid
    if mode.is_positive or operation["parameters"] or "requestBody" in operation
]


NO_RUNS = {path.rpartition("/")[2] for path in document()["paths"] if "{" not in path}
"""What stands where a run's id stands, in the address of another operation."""
TOO_LONG = 60_000
"""Characters of an address."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("method", "path", "mode"), ASKED)
def test_every_response_matches_the_document(  # noqa: PLR0917 - a table
    target, described, whole, seed, method, path, mode
):
    known = _checks()
    refused = known["negative_data_rejection"]
    checks = [check for name, check in known.items() if name not in NOT_FOR_US]
    headers = dict(target.server.headers)

    @seeded(seed)
    @settings(
        max_examples=260 if whole else 40 if method in ("delete", "post") else 15,
        # shrinking a failure takes minutes
        phases=tuple(Phase) if whole else (Phase.generate,),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(described[path][method].as_strategy(generation_mode=mode))
    def ask(case):
        assume((case.path_parameters or {}).get("run_id") not in NO_RUNS)
        target.aim(case, next(target.numbers))
        if path == "/api/runs/stream" and "runs" in (case.query or {}):
            return  # that stream has no end
        try:
            response = case.call(session=target.session, timeout=WAIT_SECONDS)
        except requests.ConnectionError as error:
            if error.request is None or len(error.request.url or "") < TOO_LONG:
                raise
            return  # Tornado hangs up on a header of more than 64 KiB
        target.statuses[f"{method} {path}", response.status_code] += 1
        fitting = [
            check for check in checks if not (check is refused and sends_nothing(response.request))
        ]
        case.validate_response(response, checks=fitting, headers=headers)

    ask()


def sends_nothing(request: requests.PreparedRequest) -> bool:
    """Whether a parameter has no value, which counts as left out. The schema of a parameter cannot
    say so.
    """
    values = [value for _, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)]
    return not all((*values, request.headers.get("Last-Event-ID", "x").strip()))


def _checks() -> dict[str, Any]:
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    return {name: CHECKS.get_one(name) for name in CHECKS.get_all_names()}


def test_enough_requests_were_sent(target: Target, whole: bool):
    """Runs after the test above, and prints the numbers."""
    for (label, status), count in sorted(target.statuses.items()):
        print(f"{count:6} {status} {label}")
    print(f"{sum(target.statuses.values()):6} in all")
    assert sum(target.statuses.values()) >= (WHOLE_REQUESTS if whole else 250)
    answered = {label for label, status in target.statuses if status < 300}
    asked = {
        f"{method} {path}" for method, path, _ in operations(document()) if path not in ENDLESS
    }
    # Not only refused. By chance that happens to one of them: its requests are random.
    assert answered <= asked
    assert 2 >= len(asked - answered), asked - answered
