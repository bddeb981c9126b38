"""A kernel whose environment and folder are not the server's: its launches use its own.

It has another virtual environment, another folder and other variables.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from jupyter_client import BlockingKernelClient
from jupyter_server.auth import passwd
from support.jupyter_process import JupyterProcess
from support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow  # real servers and kernels

SCRIPT = (
    "import json, os, sys\nprint(json.dumps([sys.executable, sys.prefix, os.getcwd(),"
    " os.environ.get('SET_IN_CELL'), sys.argv[1:]]))\n"
)
CELL = """
import os, prismq_nb
os.environ["SET_IN_CELL"] = "yes"
run = prismq_nb.launch("collect.py", max_results=50)
print(run.wait(60), run.logs()[0].message)
"""


@pytest.fixture
def other_python(tmp_path) -> Path:
    """The interpreter of a new virtual environment.

    It borrows the packages of ours, which takes milliseconds instead of minutes.
    """
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True
    )
    python = tmp_path / "other" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    paths = {
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
        str(Path(__file__).parents[2]),
    }
    Path(site, "borrowed.pth").write_text("\n".join(paths) + "\n")
    return python


PASSWORD = "correct horse"
LOGINS = {
    "token": ("a-token-for-tests", ()),
    "password": ("", (f"--PasswordIdentityProvider.hashed_password={passwd(PASSWORD)}",)),
    "hub": ("a-token-for-tests", ("--ServerApp.base_url=/user/ann/",)),
}


@pytest.fixture(params=LOGINS)
def server(request, tmp_path, other_python):
    kernel = tmp_path / "jupyter" / "kernels" / "other"
    kernel.mkdir(parents=True)
    argv = [str(other_python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Other", "language": "python"})
    )
    token, options = LOGINS[request.param]
    server = JupyterProcess(
        tmp_path / "home",
        token=token,
        options=(*options, "--debug"),
        env={"JUPYTER_PATH": str(tmp_path / "jupyter")},
    )
    server.launch()
    yield server
    server.stop()


def logged_in(server: JupyterProcess) -> requests.Session:
    """As a browser logs in: by token, or by password and cookie."""
    session = requests.Session()
    if server.token:
        session.headers.update(server.headers)
        return session
    session.get(f"{server.url}login", timeout=WAIT_SECONDS)
    session.post(
        f"{server.url}login",
        data={"password": PASSWORD, "_xsrf": session.cookies["_xsrf"]},
        timeout=WAIT_SECONDS,
    ).raise_for_status()
    session.headers["X-XSRFToken"] = session.cookies["_xsrf"]
    return session


def execute(
    server: JupyterProcess, folder: str, code: str, *, heard: list[dict] | None = None
) -> str:
    """Run a cell in a new kernel that the server starts, and return its output.

    `heard` gets all that a notebook might keep.
    """
    body = {"name": "other", "path": f"{folder}/notebook.ipynb"}
    kernel = (
        logged_in(server).post(f"{server.url}api/kernels", json=body, timeout=WAIT_SECONDS).json()
    )
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime_dir / f"kernel-{kernel['id']}.json"))
    client.start_channels(hb=False)  # on a busy machine a late heartbeat counts as a death
    try:
        client.wait_for_ready(timeout=WAIT_SECONDS)
        said: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            if heard is not None:
                heard.append(json.loads(json.dumps(message, default=str)))
            said.append(content.get("text") or "\n".join(content.get("traceback", [])))

        reply = client.execute_interactive(code, timeout=WAIT_SECONDS, output_hook=hear)
        assert reply["content"]["status"] == "ok", "".join(said)
        return "".join(said)
    finally:
        client.stop_channels()


KERNELS_ENVIRONMENT = (
    "import json, os; print(json.dumps({name: os.environ[name] for name in"
    " ('PRISMQ_CONNECTION_FILE', 'PRISMQ_DATA_DIR')}))"
)
OUTLIVES = """
import sys, prismq_nb
run = prismq_nb.launch(code="import sys; print(sys.stdin.readline())")
print(prismq_nb.connection().url, flush=True)
for line in sys.stdin:
    if line == "again\\n":
        url, status = prismq_nb.connection().url, run.status
        print(url, status, prismq_nb.launch(code="pass").wait(60), flush=True)
run.send("bye\\n")
print(run.wait(60), [line.message for line in run.logs()], flush=True)
"""


def test_a_process_started_by_a_kernel_finds_the_server_after_a_restart_on_another_port(
    server, other_python
):
    """The kernel itself ends with its server. A process with its environment, or a kernel managed
    by somebody else, does not.
    """
    (server.root_dir / "project").mkdir()
    own = json.loads(execute(server, "project", KERNELS_ENVIRONMENT))
    with subprocess.Popen(
        [other_python, "-c", OUTLIVES],
        env={**os.environ, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as outliving:
        assert outliving.stdout.readline().strip() == server.url.rstrip("/")
        for end in (server.kill, server.stop):
            old_port = urlsplit(server.url).port
            end()
            with socket.create_server(("127.0.0.1", old_port)):  # nobody gets this one
                server.launch()
                outliving.stdin.write("again\n")
                outliving.stdin.flush()
                assert outliving.stdout.readline().split() == [
                    server.url.rstrip("/"),
                    "running",
                    "completed",
                ]
            assert urlsplit(server.url).port != old_port
        last, _ = outliving.communicate(timeout=WAIT_SECONDS)
    assert last.strip() == "completed ['bye', '']"


SHOWS_EVERYTHING = """
import os, prismq_nb
from IPython.display import display
connection = prismq_nb.connection()
code = "import os, sys; print(dict(os.environ), sys.argv)"
run = prismq_nb.launch(code=code, parameters={"a": 1})
run.wait(60)
display(connection, connection.headers, connection.env_names)
display(run, prismq_nb.runs(), prismq_nb.LogViewer(run), run.logs())
print(connection, connection.headers, vars(connection), {**os.environ}["PRISMQ_CONNECTION_FILE"])
for wrong in (
    lambda: prismq_nb.get("nonsense"),
    lambda: prismq_nb.launch("missing.py"),
    lambda: run.stop(),
):
    try:
        wrong()
    except Exception as error:
        get_ipython().showtraceback()
"""


def test_neither_token_nor_secret_is_in_any_log_notebook_or_run(server):
    """With everything that Jupyter logs and a careless person displays. A request with the token in
    its URL leaves it in no log either.
    """
    (server.root_dir / "project").mkdir()
    heard: list[dict] = []
    execute(server, "project", SHOWS_EVERYTHING, heard=heard)
    secret = json.loads(server.connection_file.read_bytes())["secret"]
    for path in (
        "api/runs",
        "api/runs/nonsense",
        "api/runs/stream",
        "api/runs?token=%ff",
        "api/runs?limit=x",
        "api/runs?no_track_activity=%ff",
    ):
        for credential in filter(None, (server.token, secret)):
            requests.get(f"{server.url}{path}", params={"token": credential}, timeout=WAIT_SECONDS)
            requests.put(f"{server.url}{path}", params={"token": credential}, timeout=WAIT_SECONDS)
            requests.get(
                f"{server.url}{path}",
                headers={"Authorization": f"prismq {credential}"},
                timeout=WAIT_SECONDS,
            )
    (server.root_dir / "notebook.json").write_text(json.dumps(heard))
    server.stop()

    # mode 0600, and meant to contain it
    of_jupyter_or_ours = [server.runtime_dir, server.data_dir / "connections"]
    files = [
        path
        for path in server.home.rglob("*")
        if path.is_file() and not any(folder in path.parents for folder in of_jupyter_or_ours)
    ]
    told = [
        (str(path.relative_to(server.home)), name)
        for path in files
        for name, value in (
            ("secret", secret),
            ("token", server.token),
            ("password", "" if server.token else PASSWORD),
        )
        if value and value.encode() in path.read_bytes()
    ]
    names = {path.name for path in files}
    assert ([], True) == (
        told,
        {"jupyter.log", "output.log", "launch.json", "run.json", "supervisor.log", "notebook.json"}
        <= names,
    )
    assert len(heard) > 10


def test_the_kernels_interpreter_folder_and_environment_are_used(server, other_python):
    folder = server.root_dir / "project"
    folder.mkdir()
    (folder / "collect.py").write_text(SCRIPT)
    status, _, line = execute(server, "project", CELL).strip().partition(" ")
    executable, prefix, cwd, variable, arguments = json.loads(line)
    assert status == "completed"
    assert executable == str(other_python)
    assert prefix == str(other_python.parent.parent) != sys.prefix
    assert os.path.realpath(cwd) == os.path.realpath(folder)
    assert (variable, arguments) == ("yes", ["--max-results=50"])
