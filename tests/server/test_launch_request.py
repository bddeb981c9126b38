"""What a launch leaves to the server: the name of a kernel, the file of a contents path."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import msgspec
import pytest
from ipykernel.kernelspec import install
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.services.contents.manager import ContentsManager
from traitlets import List, Unicode

from prismq_nb.common.kernels import Kernel, with_kernel
from prismq_nb.common.models import LaunchRequest
from prismq_nb.errors import InvalidRequest

SHOW = "import os, sys; print(sys.executable, *map(os.environ.get, ('A', 'B', 'C')))"


class Kernels(KernelSpecManager):
    """Kernelspecs of one folder."""

    kernel_dirs = List(Unicode())

    def __init__(self, folder: Path, **traits: object) -> None:
        super().__init__(
            kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False, **traits
        )
        self._folder = folder

    def add(self, name: str, **spec: object) -> None:
        folder = self._folder / "kernels" / name
        folder.mkdir(parents=True)
        kernel = {"argv": [], "display_name": name, "language": "python"} | spec
        (folder / "kernel.json").write_text(json.dumps(kernel))


@pytest.fixture
def kernels(tmp_path, jp_serverapp):
    found = jp_serverapp.web_app.settings["kernel_spec_manager"] = Kernels(tmp_path)
    return found


async def messages(api, run_id):
    return [line["message"] for line in (await api("GET", f"/{run_id}/logs")).json["logs"]]


async def refused(api, **body):
    """The message about a launch that is not possible."""
    answer = await api("POST", "", body=body)
    assert (400, "InvalidRequest") == (answer.status, answer.json["reason"]), answer.body
    return answer.json["message"]


@pytest.fixture
def other_python(tmp_path):
    """Another name of this interpreter, as a virtual environment has one."""
    path = tmp_path / "other" / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.symlink_to(sys.executable)
    return str(path)


async def test_a_kernel_gives_interpreter_and_environment(api, kernels, other_python, monkeypatch):
    monkeypatch.setenv("AROUND", "around")
    env = {"A": "${AROUND}-a", "B": "kernel", "JUPYTER_TOKEN": "x", "C": "${NONE}"}
    argv = [other_python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{file}"]
    kernels.add("other", argv=argv, env=env)
    run_id = await api.finished(SHOW, kernel="other", env={"B": "own"})
    assert [f"{other_python} around-a own ${{NONE}}"] == await messages(api, run_id)
    again = (await api("POST", f"/{run_id}/restart")).json["run_id"]
    await api.ended(again)
    assert await messages(api, run_id) == await messages(api, again)
    launch = (await api("GET", f"/{run_id}/launch")).json
    assert other_python == launch["interpreter"]


async def test_a_restart_after_one_of_the_server_asks_for_what_is_not_stored(
    api, kernels, other_python, extension
):
    """By its name: a notebook gives what it has, as for any variable that it inherited."""
    argv = [other_python, "-m", "ipykernel_launcher", "-f", "{file}"]
    kernels.add("other", argv=argv, env={"A": "kept nowhere", "PYTHONHASHSEED": "7"})
    run_id = await api.finished(SHOW, kernel="other")
    extension.services.engine._restarts._history._specs.clear()
    found = (await api("GET", f"/{run_id}/attempts")).json
    assert (["A"], []) == (found["restart_needs"], found["restart_chosen"])
    answer = await api("POST", f"/{run_id}/restart", body={"env": {"A": "given"}})
    await api.ended(answer.json["run_id"])
    assert [f"{other_python} given None None"] == await messages(api, answer.json["run_id"])


@pytest.mark.parametrize("frozen_modules", [True, False])
async def test_a_kernel_that_ipykernel_installed_is_launched(
    api, kernels, tmp_path, frozen_modules
):
    kernels.data_dir = kernels.user_kernel_dir = str(tmp_path)
    kernels.user_kernel_dir = str(tmp_path / "kernels")
    install(kernels, user=True, kernel_name="mine", frozen_modules=frozen_modules)
    run_id = await api.finished(SHOW, kernel="mine")
    assert [f"{sys.executable} None None None"] == await messages(api, run_id)


async def test_an_unknown_kernel_is_refused_with_the_known_ones(api, kernels):
    kernels.add("python3", argv=["python", "-m", "ipykernel_launcher"])
    kernels.add("ir", argv=["R", "--slave"], language="R")
    sentence = "there is no such kernel; use one of ir, python3; did you mean 'python3'?"
    assert f"kernel is 'pyton3': {sentence}" == await refused(api, code="1", kernel="pyton3")
    for path in ("../python3", "/kernels/python3", ""):
        assert "use one of ir, python3" in await refused(api, code="1", kernel=path)
    kernels.allowed_kernelspecs = {"ir"}
    assert "use one of ir" in await refused(api, code="1", kernel="python3")


UNUSABLE = {
    "another language": ({"argv": ["R", "--slave", "-e", "IRkernel::main()"]}, "python="),
    "another program": (
        {"argv": ["conda", "run", "python", "-m", "ipykernel_launcher"]},
        "python=",
    ),
    "another module": ({"argv": ["python", "-m", "bash_kernel", "-f", "x"]}, "python="),
    "no argv": ({}, "python="),
    "not here": ({"argv": ["/gone/python", "-m", "ipykernel_launcher"]}, "'/gone/python'"),
    "relative": ({"argv": ["./python", "-m", "ipykernel_launcher"]}, "'./python'"),
    "odd types": ({"argv": 5}, "kernel.json cannot be read"),
}


@pytest.mark.parametrize(("spec", "said"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_kernel_that_is_no_python_of_this_machine_is_refused(api, kernels, spec, said):
    kernels.add("odd", **spec)
    assert said in await refused(api, code="pass", kernel="odd")


def test_a_kernel_of_another_machine_is_refused():
    argv = [sys.executable, "-m", "ipykernel_launcher"]
    metadata = {"kernel_provisioner": {"provisioner_name": "slurm-provisioner"}}
    with pytest.raises(InvalidRequest, match=r"not started on this machine; .*python="):
        with_kernel(LaunchRequest(code="1"), Kernel("far", argv, {}, metadata, ""))


async def test_kernels_behind_a_gateway_are_refused(api, kernels, monkeypatch):
    kernels.add("python3", argv=["python", "-m", "ipykernel_launcher"])
    monkeypatch.setattr(GatewayClient.instance(), "url", "http://gateway.invalid")
    assert "behind a gateway" in await refused(api, code="pass", kernel="python3")


async def test_a_kernel_is_refused_where_it_gives_nothing(api, kernels):
    kernels.add("python3", argv=["python", "-m", "ipykernel_launcher"])
    assert "a command needs no" in await refused(api, command="true", kernel="python3")
    assert "remove one" in await refused(api, code="1", python="python3", kernel="python3")


def test_variables_of_a_kernel_are_above_inherited_and_below_chosen_ones():
    """A notebook sends its own environment with a launch; what was chosen for it is not in
    `inherited_env`.
    """
    request = LaunchRequest(
        code="1",
        env={"PATH": "/notebook", "GONE": None, "SEED": "1"},
        inherited_env=["PATH", "GONE"],
    )
    env = {"PATH": "/kernel:${PATH}", "SEED": "2", "NEW": "$GONE ${SERVER}"}
    kernel = Kernel("k", ["python", "-m", "ipykernel_launcher"], env, {}, "")
    found = with_kernel(request, kernel, {"PATH": "/server", "GONE": "x", "SERVER": "y"})
    expected = {"PATH": "/kernel:/notebook", "GONE": None, "SEED": "1", "NEW": "$GONE y"}
    assert expected == found.env
    assert (["GONE", "NEW", "PATH"], sys.executable) == (found.inherited_env, found.python)


async def test_a_file_of_the_file_browser_runs_in_its_folder(api, jp_root_dir):
    folder = jp_root_dir / "a b" / "sub"
    folder.mkdir(parents=True)
    (folder / "job.py").write_text("import os; print('py', os.getcwd())")
    (folder / "job.sh").write_text("echo sh $(pwd -P) $1")
    (jp_root_dir / "link").symlink_to(folder)
    for path, printed in (
        ("a b/sub/job.py", f"py {folder}"),
        ("/a b/sub/job.sh", f"sh {folder} x"),
        ("link/job.sh", f"sh {folder} x"),
    ):
        answer = await api("POST", "", body={"contents_path": path, "args": ["x"]})
        run = await api.ended(answer.json["run_id"])
        assert [printed] == await messages(api, run["run_id"])
        assert ("ui", f"script:{folder}") == (run["origin"]["kind"], run["module_key"][:-7])
    body = {"contents_path": "a b/sub/job.sh", "cwd": str(jp_root_dir), "origin": {"kind": "api"}}
    run = await api.ended((await api("POST", "", body=body)).json["run_id"])
    assert ([f"sh {jp_root_dir}"], "api") == (
        await messages(api, run["run_id"]),
        run["origin"]["kind"],
    )


async def test_only_files_that_the_file_browser_shows_are_launched(api, jp_root_dir, jp_serverapp):
    beside = jp_root_dir.with_name(f"{jp_root_dir.name}-beside")
    for path in (beside / "a.py", jp_root_dir / ".hidden" / "a.py", jp_root_dir / "a.py"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("print(1)")
    for path in (f"../{beside.name}/a.py", "..", "", "/", "a\0.py", "a.py/../../x"):
        assert "below the server's root folder" in await refused(api, contents_path=path)
    for path in ("missing.py", ".hidden/a.py", ".hidden", str(jp_root_dir / "a.py"), "x" * 5000):
        assert "there is no such file" in await refused(api, contents_path=path)
    assert "remove one" in await refused(api, contents_path="a.py", code="pass")
    jp_serverapp.contents_manager.allow_hidden = True
    answer = await api("POST", "", body={"contents_path": ".hidden/a.py"})
    assert 202 == answer.status
    await api.ended(answer.json["run_id"])


async def test_contents_that_are_no_files_are_known_beforehand(api, jp_serverapp):
    assert (await api("GET", "/api/health")).json["contents_files"]
    jp_serverapp.web_app.settings["contents_manager"] = ContentsManager()
    assert not (await api("GET", "/api/health")).json["contents_files"]
    assert "are not files (ContentsManager)" in await refused(api, contents_path="a.py")


async def test_arguments_in_one_text_are_split_as_by_a_shell(api, jp_root_dir):
    (jp_root_dir / "job.py").write_text("import sys; print(sys.argv[1:])")
    text = "--note 'two words' \"it's\" a\\ b $HOME *.py #1 ''"
    answer = await api("POST", "", body={"contents_path": "job.py", "arguments": text})
    run = await api.ended(answer.json["run_id"])
    words = ["--note", "two words", "it's", "a b", "$HOME", "*.py", "#1", ""]
    assert [str(words)] == await messages(api, run["run_id"])


async def test_arguments_that_cannot_be_split_are_refused_with_a_remedy(api):
    said = await refused(api, code="1", arguments="--name Ann's")
    assert said.startswith(
        'arguments is "--name Ann\'s": no closing quotation; close the quotes, or'
    )
    assert "double the backslash" in await refused(api, code="1", arguments="a\\")
    assert "remove one" in await refused(api, code="1", arguments="", args=["x"])
    assert "more than 20,000; use args" in await refused(api, code="1", arguments="x" * 20_001)


def test_a_request_has_the_fields_of_a_launch():
    request = LaunchRequest(code="pass", cwd=os.sep)
    assert {"code": "pass", "cwd": os.sep} == msgspec.to_builtins(request.resolved())
