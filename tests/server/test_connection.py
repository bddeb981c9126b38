"""The connection file tells kernels where the server is. Its secret opens our routes and no
others.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient

from prismq_nb.server.connection import ConnectionFile, server_url


@pytest.fixture
def jp_server_config(jp_server_config):
    """Jupyter's terminals have a route, too."""
    jp_server_config.ServerApp.jpserver_extensions["jupyter_server_terminals"] = True
    return jp_server_config


def server(root="/work", base_url="/", **more):
    """As much of a ServerApp as the file needs."""
    parts = {
        "root_dir": root,
        "base_url": base_url,
        "ip": "localhost",
        "port": 8888,
        "sock": "",
        "connection_url": f"http://localhost:8888{base_url}",
    }
    return SimpleNamespace(**parts | more)


def read(path):
    return json.loads(Path(path).read_bytes())


def is_there(path):
    return Path(path).exists()


async def test_the_start_hook_writes_the_file_and_sets_variables_for_kernels(
    api, extension, jp_serverapp, data_dir, jp_base_url
):
    await jp_serverapp.extension_manager.start_all_extensions()
    path = os.environ["PRISMQ_CONNECTION_FILE"]
    content = read(path)
    assert 0o600 == stat.S_IMODE(os.stat(path).st_mode)
    assert (1, os.getpid(), True) == (
        content["version"],
        content["pid"],
        "PATH" in content["env_names"],
    )
    assert str(data_dir) == os.environ["PRISMQ_DATA_DIR"]
    assert content["url"].endswith(jp_base_url)
    answer = await AsyncHTTPClient().fetch(
        f"{content['url']}api/runs", headers={"Authorization": f"prismq {content['secret']}"}
    )
    assert 200 == answer.code


@pytest.mark.parametrize("header", ["prismq {secret}", "token {secret}", "Bearer {secret}"])
async def test_the_secret_opens_none_of_jupyter_s_own_routes(
    extension, jp_serverapp, http_server_client, jp_base_url, header
):
    await jp_serverapp.extension_manager.start_all_extensions()
    own = {"Authorization": header.format(secret=extension.services.secret())}
    url = f"http://127.0.0.1:{jp_serverapp.port}{jp_base_url}"
    for path in (
        "api/contents",
        "api/kernels",
        "api/sessions",
        "api/terminals",
        "api/me",
        "api/config/a",
        "api/status",
        "files/a",
        "metrics",
    ):
        answer = await AsyncHTTPClient().fetch(
            url + path, headers=own, raise_error=False, follow_redirects=False
        )
        assert answer.code == 403 or "/login" in answer.headers.get("Location", ""), (
            path,
            answer.code,
        )


def test_other_users_cannot_read_it_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        path = ConnectionFile(tmp_path, server()).path
        path.chmod(0o666)  # as if somebody had copied it there
        again = ConnectionFile(tmp_path, server()).path
    finally:
        os.umask(before)
    assert (path, 0o600, 0o700) == (
        again,
        stat.S_IMODE(path.stat().st_mode),
        stat.S_IMODE(path.parent.stat().st_mode),
    )


async def test_stopping_removes_the_file_and_the_variables(extension, jp_serverapp, monkeypatch):
    monkeypatch.delenv("PRISMQ_DATA_DIR", raising=False)
    await jp_serverapp.extension_manager.start_all_extensions()
    path = os.environ["PRISMQ_CONNECTION_FILE"]
    await extension.stop_extension()
    assert not is_there(path)
    assert not {"PRISMQ_CONNECTION_FILE", "PRISMQ_DATA_DIR"} & os.environ.keys()


async def test_stopping_says_how_many_runs_continue(api, extension, caplog):
    run_id = await api.launch("input()")
    extension.log.propagate = True
    with caplog.at_level("INFO"):
        await extension.stop_extension()
    assert any("1 run continues" in record.getMessage() for record in caplog.records), run_id


def test_the_path_is_the_same_after_a_restart_and_the_secret_is_not(tmp_path):
    one = ConnectionFile(tmp_path, server())
    two = ConnectionFile(tmp_path, server())
    assert (one.path, True) == (two.path, one.secret != two.secret)
    one.remove()
    assert two.path.exists()
    two.remove()
    assert not two.path.exists()


@pytest.mark.parametrize(
    "other", [server(root="/else"), server(base_url="/user/x/")], ids=["root", "base-url"]
)
def test_another_server_has_another_path(tmp_path, other):
    assert ConnectionFile(tmp_path, server()).path != ConnectionFile(tmp_path, other).path


@pytest.mark.parametrize(("alive", "number"), [(True, 2), (False, 1)], ids=["live", "dead"])
def test_a_live_server_keeps_its_file(tmp_path, alive, number):
    first = ConnectionFile(tmp_path, server())
    parent = psutil.Process(os.getppid())
    content = json.loads(first.path.read_bytes()) | {
        "pid": parent.pid,
        "process_started": parent.create_time() + (0 if alive else 100),
    }
    first.path.write_text(json.dumps(content))
    second = ConnectionFile(tmp_path, server())
    assert (number == 2) == second.path.name.endswith("-2.json")


def test_a_broken_file_is_replaced(tmp_path):
    first = ConnectionFile(tmp_path, server())
    first.path.write_text("{")
    assert first.path == ConnectionFile(tmp_path, server()).path


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, "http://localhost:8888/"),
        ({"ip": "0.0.0.0", "connection_url": "http://myhost:8888/"}, "http://127.0.0.1:8888/"),
        ({"ip": "", "connection_url": "http://myhost:8888/"}, "http://127.0.0.1:8888/"),
        ({"ip": "::", "connection_url": "https://myhost:8888/"}, "https://[::1]:8888/"),
        ({"ip": "10.0.0.5", "connection_url": "http://10.0.0.5:8888/"}, "http://10.0.0.5:8888/"),
        (
            {"base_url": "/user/x/", "connection_url": "http://localhost:8888/user/x/?token=..."},
            "http://localhost:8888/user/x/",
        ),
        (
            {"sock": "/run/j.sock", "connection_url": "http+unix://%2Frun%2Fj.sock/"},
            "http+unix://%2Frun%2Fj.sock/",
        ),
    ],
    ids=str,
)
def test_the_address_can_be_reached_by_a_process_on_this_machine(more, url):
    assert url == server_url(server(**more))


async def test_no_secret_is_in_the_listed_names(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "x")
    assert (
        "JUPYTER_TOKEN"
        not in json.loads(ConnectionFile(tmp_path, server()).path.read_bytes())["env_names"]
    )
