"""Which front end shows what this kernel displays, as far as a kernel can know."""

from __future__ import annotations

import os

from prismq_nb.client import discovery
from prismq_nb.client.base.notice import ipython_shell

__all__ = ["is_voila", "is_voila_alone", "only_kernel_refreshes"]


def is_voila() -> bool:
    """Return whether Voila executes the notebook: as nbclient does, and it shows widgets to people."""
    return any(name.startswith("VOILA_") for name in os.environ)


def is_voila_alone() -> bool:
    """Return whether it is Voila without a Jupyter server of ours, where no viewer can be loaded."""
    return is_voila() and not hasattr(discovery.current(), "connection")


def only_kernel_refreshes() -> bool:
    """Return whether a person sits in front of something that is neither JupyterLab nor Notebook 7.

    VS Code, Colab, consoles, kernel gateways: no Jupyter session started the kernel, and its cells
    may ask for input, which nbclient and papermill forbid. They show what a kernel updates, when it does.
    """
    kernel = getattr(ipython_shell(), "kernel", None)
    if kernel is None or "JPY_SESSION_NAME" in os.environ:
        return False
    return bool(getattr(kernel, "_allow_stdin", True))
