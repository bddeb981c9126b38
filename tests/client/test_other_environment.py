"""A kernel of another virtual environment, in another folder, with other variables than the server's: a launch from it uses the kernel's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import requests
from jupyter_client import BlockingKernelClient
from jupyter_server.auth import passwd
from support.jupyter_process import JupyterProcess

SCRIPT = "import json, os, sys\nprint(json.dumps([sys.executable, sys.prefix, os.getcwd(), os.environ.get('SET_IN_CELL'), sys.argv[1:]]))\n"
CELL = """
import os, prismq_nb
os.environ["SET_IN_CELL"] = "yes"
run = prismq_nb.launch("collect.py", max_results=50)
print(run.wait(60), run.logs()[0].message)
"""


@pytest.fixture
def other_python(tmp_path) -> Path:
    """The interpreter of a new virtual environment; it borrows the packages of ours, which takes milliseconds instead of minutes."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True)
    python = tmp_path / "other" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
    ).stdout.strip()
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(__file__).parents[2])}
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
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Other", "language": "python"}))
    token, options = LOGINS[request.param]
    server = JupyterProcess(tmp_path / "home", token=token, options=options, env={"JUPYTER_PATH": str(tmp_path / "jupyter")})
    server.launch()
    yield server
    server.stop()


def logged_in(server: JupyterProcess) -> requests.Session:
    """As a browser logs in: by token, or by password and cookie."""
    session = requests.Session()
    if server.token:
        session.headers.update(server.headers)
        return session
    session.get(f"{server.url}login", timeout=60)
    session.post(f"{server.url}login", data={"password": PASSWORD, "_xsrf": session.cookies["_xsrf"]}, timeout=60).raise_for_status()
    session.headers["X-XSRFToken"] = session.cookies["_xsrf"]
    return session


def execute(server: JupyterProcess, folder: str, code: str) -> str:
    """Runs a cell in a new kernel that the server starts; what it prints."""
    body = {"name": "other", "path": f"{folder}/notebook.ipynb"}
    kernel = logged_in(server).post(f"{server.url}api/kernels", json=body, timeout=60).json()
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime_dir / f"kernel-{kernel['id']}.json"))
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        said: list[str] = []

        def hear(message: dict) -> None:
            content = message["content"]
            said.append(content.get("text") or "\n".join(content.get("traceback", [])))

        reply = client.execute_interactive(code, timeout=60, output_hook=hear)
        assert reply["content"]["status"] == "ok", "".join(said)
        return "".join(said)
    finally:
        client.stop_channels()


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
