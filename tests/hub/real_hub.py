"""A real JupyterHub: hub, `configurable-http-proxy`, and servers that it starts as this user."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import requests
from support.jupyter_process import until
from support.ports import free_ports
from support.waiting import WAIT_SECONDS

ROOT = Path(__file__).parents[2]
LABEXTENSIONS = ROOT / "prismq_nb" / "static" / "labextensions"
PROXY = "configurable-http-proxy"
CONFIG = """
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.allowed_users = {{"ann"}}
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.db_url = "sqlite:///{home}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{home}/cookie_secret"
c.JupyterHub.services = [{{"name": "test", "api_token": "{token}"}}]
scopes = ["admin:users", "admin:servers", "access:servers"]
c.JupyterHub.load_roles = [{{"name": "test", "services": ["test"], "scopes": scopes}}]
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = {args!r}
c.Spawner.environment = {env!r}
c.Spawner.http_timeout = c.Spawner.start_timeout = 60
"""


def proxy_command(home: Path) -> str:
    """Return the proxy's command, which is installed from npm if it is missing."""
    if found := shutil.which(PROXY):
        return found
    subprocess.run(["npm", "install", "--silent", "--prefix", str(home), PROXY], check=True)
    return str(home / "node_modules" / ".bin" / PROXY)


class RealHub:
    """One hub with a user `ann`, whose server the hub starts and stops.

    Attributes:
        url: of the server, through the proxy.
        module, token, root_dir: as of a `JupyterProcess`, for `JupyterPage`.
    """

    module = "jupyterlab"
    token = ""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root_dir = home / "ann"
        self.data_dir = home / "data"
        self._token = secrets.token_hex(16)
        port, hub_port, api_port = free_ports(3)
        self.hub = f"http://127.0.0.1:{port}/hub/"
        self.url = f"http://127.0.0.1:{port}/user/ann/"
        settings = home / "lab" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        args = [
            "--allow-root",
            "--LabApp.expose_app_in_browser=True",
            "--ServerApp.jpserver_extensions={'prismq_nb': True}",
            f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}",
        ]
        env = {
            "PRISMQ_DATA_DIR": str(self.data_dir),
            "PYTHONPATH": str(ROOT),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "lab"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        }
        config = home / "jupyterhub_config.py"
        config.write_text(
            CONFIG.format(
                port=port,
                hub_port=hub_port,
                api_port=api_port,
                home=home,
                token=self._token,
                proxy=proxy_command(home),
                python=sys.executable,
                args=args,
                env=env,
            )
        )
        with (home / "hub.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=home,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=os.environ | {"CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16)},
                start_new_session=True,
            )
        until(self._answers, "the hub's first answer")

    def start(self) -> None:
        """Make the hub start the server."""
        assert self._api("POST", "users/ann/server").status_code in (201, 202)
        until(self._ready, "the server's start")

    def stop(self) -> None:
        """Make the hub stop the server."""
        assert self._api("DELETE", "users/ann/server").status_code in (202, 204)
        until(lambda: not self._server(), "the server's stop")

    def close(self) -> None:
        """Stop everything."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _api(self, method: str, path: str) -> requests.Response:
        headers = {"Authorization": f"token {self._token}"}
        return requests.request(
            method, f"{self.hub}api/{path}", headers=headers, timeout=WAIT_SECONDS
        )

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError((self.home / "hub.log").read_text())
        try:
            return self._api("POST", "users/ann").status_code in (201, 409)
        except requests.RequestException:
            return False

    def _server(self) -> dict:
        return self._api("GET", "users/ann").json().get("servers", {}).get("", {})

    def _ready(self) -> bool:
        return bool(self._server().get("ready"))
