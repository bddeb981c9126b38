"""Guess which front end shows the output of this kernel."""

from __future__ import annotations

import os

from prismq_nb.client import discovery
from prismq_nb.client.base.notice import ipython_shell


def is_voila() -> bool:
    """Return whether Voila executes the notebook; unlike nbclient, it shows widgets to people."""
    return any(name.startswith("VOILA_") for name in os.environ)


def is_standalone_voila() -> bool:
    """Return whether this is Voila without a Jupyter server that could serve the viewer."""
    return is_voila() and not hasattr(discovery.current(), "connection")


def shows_runs() -> bool:
    """Return whether the front end of this kernel shows a displayed run, and later its lines.

    A console (``jupyter console``) shows the first text only. VS Code and Colab, which start no
    Jupyter session either, set variables of their own.
    """
    known = any(name.startswith(("VSCODE_", "COLAB_")) for name in os.environ)
    return known or not needs_kernel_refresh()


def needs_kernel_refresh() -> bool:
    """Return whether a person uses a front end other than JupyterLab and Notebook 7.

    In VS Code, Colab, consoles and kernel gateways, no Jupyter session started the kernel, but its
    cells may ask for input (nbclient and papermill forbid that). They show updates that the kernel
    sends at any time.
    """
    kernel = getattr(ipython_shell(), "kernel", None)
    if kernel is None or "JPY_SESSION_NAME" in os.environ:
        return False
    return bool(getattr(kernel, "_allow_stdin", True))
