"""The environment of a run: variables it must not inherit, and variables set for its output.

Client and engine must agree on these lists: the client applies them to what it sends, the engine to
what a child inherits. Standard library only: processes that must start fast import it.

The user's own secrets (``AWS_SECRET_ACCESS_KEY``, ``OPENAI_API_KEY``, ...) are left alone: a run is
meant to see what the notebook sees. Credentials *of the Jupyter server* are removed: being started
from a notebook must not enable a script to start kernels.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` costs 4 ms to import, which a supervisor would pay at every launch
    from collections.abc import Mapping

LINE_BUFFERING = "prismq_line_buffering"
"""Name of the directory that comes first in the PYTHONPATH of a run with pipes."""

_KERNEL_COLOR = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
"""Set in every kernel by ipykernel (zmqshell.py, `init_environment`). They would reach every
process below a run and write escape sequences into files; a run gets other values of them."""
_PAGERS = {"PAGER": "cat", "GIT_PAGER": "cat", "MANPAGER": "cat"}

# Single names, each with its source, so that the list can be checked.
_NAMES = frozenset(
    {
        "CONFIGPROXY_AUTH_TOKEN",  # JupyterHub: the proxy's master token
        "EG_AUTH_TOKEN",  # Jupyter Enterprise Gateway
        "KG_AUTH_TOKEN",  # Jupyter Kernel Gateway, and Enterprise Gateway again
        # jupyter_server.gateway: JSON of headers, with Authorization among them
        "JUPYTER_GATEWAY_HEADERS",
        "JUPYTER_TOKEN",  # jupyter_server.auth.identity
        "JUPYTER_TOKEN_FILE",  # jupyter_server.auth.identity: where the token can be read
        "PRISMQ_CONNECTION_FILE",  # ours: a nested launch uses the data directory
        "PRISMQ_TOKEN",  # ours: override of the discovery
        "PRISMQ_URL",  # ours: of no use without the token
        "QUERY_STRING",  # Voila: of the page's address, with its `token=`
    }
)

# JPY_PARENT_PID, JPY_SESSION_NAME, JPY_API_TOKEN, JPY_COOKIE_SECRET, ...: the kernel's connection
# to its server, and tokens of old JupyterHub versions. VOILA_REQUEST_URL has the token of the
# page's address; Voila does not show what a run executes.
_PREFIXES = ("JPY_", "VOILA_")

# Other names of these programs that say they are a credential: JUPYTERHUB_API_TOKEN,
# JUPYTERHUB_CRYPT_KEY, JUPYTERHUB_COOKIE_SECRET, JUPYTER_GATEWAY_AUTH_TOKEN,
# JUPYTER_GATEWAY_HTTP_PWD, JUPYTER_PASSWORD, CONFIGPROXY_SSL_KEY_PASSPHRASE, PRISMQ_SECRET, ...
_FAMILIES = ("CONFIGPROXY_", "JUPYTERHUB_", "JUPYTER_", "PRISMQ_")
_WORDS = ("TOKEN", "SECRET", "PASSW", "PASSPHRASE", "PWD", "CRYPT", "COOKIE", "CREDENTIAL")


def is_secret(name: str) -> bool:
    """Whether an environment variable holds, or leads to, a credential of Jupyter or prismq_nb.

    Case does not matter, as on Windows.

    Example:
        >>> is_secret("JUPYTERHUB_API_TOKEN"), is_secret("PATH"), is_secret("MY_API_TOKEN")
        (True, False, False)
    """
    upper = name.upper()
    if upper in _NAMES or upper.startswith(_PREFIXES):
        return True
    return upper.startswith(_FAMILIES) and any(word in upper for word in _WORDS)


def sounds_secret(name: str) -> bool:
    """Whether a variable's name suggests a credential; most credentials have such names."""
    upper = name.upper()
    return any(word in upper for word in (*_WORDS, "KEY", "AUTH"))


def scrub(env: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of `env` without the variables for which `is_secret` holds."""
    return {name: value for name, value in env.items() if not is_secret(name)}


def display(*, terminal: bool) -> dict[str, str]:
    """Return the variables that describe a run's terminal, or its pipes, to programs.

    With pipes, TERM is ``dumb``, as in Emacs: programs that read it without checking for a terminal
    (`tput`, `clear`) then print no escape sequences, and do not fail as they do if it is not set.
    """
    if terminal:
        return {"TERM": "xterm-256color", "COLORTERM": "truecolor", **_PAGERS}
    return {"TERM": "dumb", **_PAGERS}


def inherited(environ: Mapping[str, str], *, terminal: bool) -> dict[str, str]:
    """Return what a run inherits of `environ`.

    That is everything except Jupyter's credentials, the colours that ipykernel forces, and what
    another run left in PYTHONPATH. With a terminal, COLUMNS and LINES are left out as well:
    programs would believe them rather than the terminal.
    """
    env = scrub(environ)
    for name, value in _KERNEL_COLOR.items():
        if env.get(name) == value:
            del env[name]
    if terminal:
        env.pop("COLUMNS", None)
        env.pop("LINES", None)
    if LINE_BUFFERING in (path := env.get("PYTHONPATH", "")):
        entries = [
            part for part in path.split(os.pathsep) if os.path.basename(part) != LINE_BUFFERING
        ]
        env["PYTHONPATH"] = os.pathsep.join(entries)
        if not entries:
            del env["PYTHONPATH"]
    return env
