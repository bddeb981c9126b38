"""Files as the server's contents name them: relative to its root, as JupyterLab shows them."""

from __future__ import annotations

import os

from jupyter_core.paths import is_hidden
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import ApiPath, to_os_path

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.errors import InvalidRequest

_SHOWN_CHARS = 500


def root_of(contents: object) -> str | None:
    """Return the folder that a contents manager shows; None: it has no files of this machine."""
    if not isinstance(contents, FileContentsManager):
        return None
    return os.path.abspath(os.path.expanduser(contents.root_dir))


def kernel_path(path: str, contents: object) -> str:
    """Return a notebook's path as its kernel knows it (``JPY_SESSION_NAME``): absolute.

    Args:
        path: relative to the server's root; an absolute one stays as it is.
        contents: the server's contents manager; one without files has no other paths.
    """
    root = root_of(contents)
    return path if path.startswith("/") or root is None else _os_path(path, root)


def file_path(path: str, contents: object) -> str:
    """Return the absolute path of a file that the file browser shows.

    Reads the file system, so call it in a thread.

    Args:
        path: relative to the server's root; a leading ``/`` means the root.
        contents: the server's contents manager.

    Raises:
        InvalidRequest: there is no such file, or the contents manager does not show it.
    """
    root = root_of(contents)
    if root is None:
        kind = type(contents).__name__
        raise _invalid(path, f"the contents of this server are not files ({kind}); use script")
    assert isinstance(contents, FileContentsManager)
    # a link may lead out of the root, as in the file browser; `..` may not
    found = os.path.normpath(_os_path(path, root))
    if "\0" in path or not found.startswith(os.path.join(root, "")):
        raise _invalid(path, "that is not below the server's root folder; use script")
    if not os.path.isfile(found) or (not contents.allow_hidden and is_hidden(found, root)):
        raise _invalid(path, "there is no such file below the server's root folder")
    return found


def _os_path(path: str, root: str) -> str:
    found: str = to_os_path(ApiPath(path), root)
    return found


def _invalid(path: str, problem: str) -> InvalidRequest:
    shown = shorten(path, _SHOWN_CHARS)
    return InvalidRequest(f"contents_path is {shown!r}: {problem}", parameter="contents_path")
