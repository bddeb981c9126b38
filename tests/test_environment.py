"""Variables that never reach a run."""

from __future__ import annotations

import pytest

from prismq_nb.common.environment import is_secret, scrub


@pytest.mark.parametrize(
    "name",
    [
        "CONFIGPROXY_AUTH_TOKEN",
        "EG_AUTH_TOKEN",
        "JPY_API_TOKEN",
        "JPY_COOKIE_SECRET",
        "JPY_PARENT_PID",
        "JPY_SESSION_NAME",
        "JUPYTERHUB_API_TOKEN",
        "JUPYTERHUB_COOKIE_SECRET",
        "JUPYTERHUB_CRYPT_KEY",
        "JUPYTERHUB_OAUTH_ACCESS_TOKEN",
        "JUPYTERHUB_REFRESH_TOKEN",
        "JUPYTER_GATEWAY_AUTH_TOKEN",
        "JUPYTER_GATEWAY_HEADERS",
        "JUPYTER_GATEWAY_HTTP_PWD",
        "JUPYTER_PASSWORD",
        "JUPYTER_TOKEN",
        "JUPYTER_TOKEN_FILE",
        "KG_AUTH_TOKEN",
        "PRISMQ_CONNECTION_FILE",
        "PRISMQ_TOKEN",
        "PRISMQ_URL",
        "QUERY_STRING",
        "VOILA_REQUEST_URL",
        "jupyter_token",
    ],
)
def test_jupyters_own_credentials_are_secret(name: str) -> None:
    """Whoever has one of these can act for the server or the user of the hub."""
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "HOME",
        "HTTP_PROXY",
        "JUPYTERHUB_USER",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_PATH",
        "OPENAI_API_KEY",
        "PATH",
        "PRISMQ_DATA_DIR",
        "PRISMQ_RUN_ID",
        "PWD",
        "PYTHONPATH",
        "TOKENIZERS_PARALLELISM",
    ],
)
def test_the_user_s_own_variables_are_not_secret(name: str) -> None:
    """A run is meant to see what the notebook sees, including the user's own keys."""
    assert not is_secret(name)


def test_scrub_keeps_the_rest_and_does_not_change_its_argument() -> None:
    """The environment of the process itself must not change."""
    env = {"PATH": "/bin", "JUPYTER_TOKEN": "t", "JPY_PARENT_PID": "1"}
    assert scrub(env) == {"PATH": "/bin"}
    assert len(env) == 3
