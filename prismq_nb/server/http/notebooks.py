"""Paths of notebooks: as the server's contents name them, and as their kernels do."""

from __future__ import annotations

import os

from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import ApiPath, to_os_path


def kernel_path(path: str, contents: object) -> str:
    """Return a notebook's path as its kernel knows it (``JPY_SESSION_NAME``): absolute.

    Args:
        path: relative to the server's root, as JupyterLab shows it; an absolute one stays as it is.
        contents: the server's contents manager; one without files has no other paths.
    """
    if path.startswith("/") or not isinstance(contents, FileContentsManager):
        return path
    found: str = to_os_path(ApiPath(path), os.path.abspath(os.path.expanduser(contents.root_dir)))
    return found
