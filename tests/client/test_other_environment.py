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
    site = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True).stdout.strip()
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(__file__).parents[2])}
    Path(site, "borrowed.pth").write_text("\n".join(paths) + "\n")
    return python


@pytest.fixture
def server(tmp_path, other_python):
    kernel = tmp_path / "jupyter" / "kernels" / "other"
    kernel.mkdir(parents=True)
    argv = [str(other_python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Other", "language": "python"}))
    server = JupyterProcess.start(tmp_path / "home", env={"JUPYTER_PATH": str(tmp_path / "jupyter")})
    yield server
    server.stop()


def execute(server: JupyterProcess, folder: str, code: str) -> str:
    """Runs a cell in a new kernel that the server starts; what it prints."""
    body = {"name": "other", "path": f"{folder}/notebook.ipynb"}
    kernel = requests.post(f"{server.url}api/kernels", json=body, headers=server.headers, timeout=60).json()
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
