"""Which environment variables are Jupyter's own credentials and must never reach a run.

Ground floor: the client scrubs what it sends, the engine scrubs what a child inherits, and both sides must agree on one list. That is why it stands
apart. Standard library only (processes that must start fast import it), imports nothing of the house.

The user's own secrets (``AWS_SECRET_ACCESS_KEY``, ``OPENAI_API_KEY``, ...) are left alone: a run is meant to see what the notebook sees. What is
taken away is what speaks *for the Jupyter server*: a script must not be able to start kernels because it was started from one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` costs 4 ms to import, which a supervisor would pay at every launch
    from collections.abc import Mapping

__all__ = ["is_secret", "scrub"]

# Single names. Where each one comes from stands beside it, so that the list can be checked against its sources.
_NAMES = frozenset(
    {
        "CONFIGPROXY_AUTH_TOKEN",  # JupyterHub: the proxy's master token
        "EG_AUTH_TOKEN",  # Jupyter Enterprise Gateway
        "KG_AUTH_TOKEN",  # Jupyter Kernel Gateway, and Enterprise Gateway again
        "JUPYTER_GATEWAY_HEADERS",  # jupyter_server.gateway: JSON of headers, with Authorization among them
        "JUPYTER_TOKEN",  # jupyter_server.auth.identity
        "JUPYTER_TOKEN_FILE",  # jupyter_server.auth.identity: where the token can be read
        "PRISMQ_CONNECTION_FILE",  # ours: a nested launch uses the data directory (DESIGN 7)
        "PRISMQ_TOKEN",  # ours: override of the discovery
        "PRISMQ_URL",  # ours: of no use without the token
    }
)

# JPY_PARENT_PID, JPY_SESSION_NAME, JPY_API_TOKEN, JPY_COOKIE_SECRET, ...: the kernel's tie to its server, and old JupyterHub's tokens.
_PREFIXES = ("JPY_",)

# Any other name of these programs that says itself that it is a credential: JUPYTERHUB_API_TOKEN, JUPYTERHUB_CRYPT_KEY, JUPYTERHUB_COOKIE_SECRET,
# JUPYTER_GATEWAY_AUTH_TOKEN, JUPYTER_GATEWAY_HTTP_PWD, JUPYTER_PASSWORD, CONFIGPROXY_SSL_KEY_PASSPHRASE, PRISMQ_SECRET, ...
_FAMILIES = ("CONFIGPROXY_", "JUPYTERHUB_", "JUPYTER_", "PRISMQ_")
_WORDS = ("TOKEN", "SECRET", "PASSW", "PASSPHRASE", "PWD", "CRYPT", "COOKIE", "CREDENTIAL")


def is_secret(name: str) -> bool:
    """Whether the environment variable `name` holds a credential of Jupyter, JupyterHub or prismq_nb (or leads to one).

    Upper and lower case are alike, as they are on Windows.

    Example:
        >>> is_secret("JUPYTERHUB_API_TOKEN"), is_secret("PATH"), is_secret("MY_API_TOKEN")
        (True, False, False)
    """
    upper = name.upper()
    if upper in _NAMES or upper.startswith(_PREFIXES):
        return True
    return upper.startswith(_FAMILIES) and any(word in upper for word in _WORDS)


def scrub(env: Mapping[str, str]) -> dict[str, str]:
    """A copy of `env` without the variables for which `is_secret` holds."""
    return {name: value for name, value in env.items() if not is_secret(name)}
