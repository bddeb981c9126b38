"""Launch with a kernel of Jupyter: take interpreter and environment from its kernelspec.

Imports nothing of Jupyter: the callers, who have a kernelspec manager, read the kernelspec.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from string import Template
from typing import Any, NamedTuple

import msgspec

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.common.environment import is_secret, scrub
from prismq_nb.common.models import LaunchRequest
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest

_LOCAL_PROVISIONER = "local-provisioner"
_LAUNCHERS = ("ipykernel_launcher", "ipykernel")
_OPTIONS_WITH_VALUE = ("-X", "-W")
_THIS_PYTHON = frozenset(
    {"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
)
_MAX_NAMES, _SHOWN_CHARS = 30, 200


class Kernel(NamedTuple):
    """What a launch needs of a kernelspec.

    Attributes:
        name: by which the kernelspec manager knows it.
        argv: how Jupyter starts it.
        env: variables over those of the server; ``${VAR}`` in a value is expanded.
        metadata: of the kernelspec.
        resource_dir: its folder.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, Any]
    metadata: Mapping[str, Any]
    resource_dir: str

    @classmethod
    def of(cls, name: str, spec: Any) -> Kernel:
        """Take it from a `jupyter_client.kernelspec.KernelSpec`."""
        argv = [str(word) for word in spec.argv]
        return cls(name, argv, spec.env, spec.metadata, spec.resource_dir)


def check_use(request: LaunchRequest) -> None:
    """Check that a launch may name a kernel, if it does.

    Raises:
        InvalidRequest: it has an interpreter already, or needs none.
    """
    if request.kernel is None:
        return
    if request.python is not None:
        raise _invalid(request.kernel, f", and python is {request.python!r}; remove one of them")
    if request.command is not None:
        remedy = "remove kernel, or use script, module or code"
        raise _invalid(request.kernel, f", but a command needs no interpreter; {remedy}")


def unknown_kernel(name: str, known: Iterable[str]) -> InvalidRequest:
    """Return the error about a name that no kernel has."""
    names = sorted(known)
    if not names:
        return _invalid(name, ": there are no kernels; use python='/path/to/python'")
    more = ", ..." if len(names) > _MAX_NAMES else ""
    choices = f"{', '.join(names[:_MAX_NAMES])}{more}{did_you_mean(name[:_SHOWN_CHARS], names)}"
    return _invalid(name, f": there is no such kernel; use one of {choices}")


def unreadable_kernel(name: str, error: Exception) -> InvalidRequest:
    """Return the error about a kernel whose ``kernel.json`` cannot be read, or has other types."""
    return _invalid(name, f": its kernel.json cannot be read ({error})")


def with_kernel(
    request: LaunchRequest, kernel: Kernel, environ: Mapping[str, str] = os.environ
) -> LaunchRequest:
    """Return a launch with the interpreter and the environment of a kernel.

    The kernel's variables are above those that the launch inherits, and below those that were
    chosen for it. Jupyter's credentials are not passed on.

    Args:
        request: the launch.
        kernel: its kernel.
        environ: the environment in which Jupyter would start the kernel.

    Raises:
        InvalidRequest: it is not a Python kernel of this machine; the message says what to do.
    """
    inherited = frozenset(request.inherited_env)
    around = scrub(environ)
    for name, value in request.env.items():
        if name in inherited:
            around.pop(name, None)
            around |= {} if value is None else {name: value}
    given = {
        name: Template(str(value)).safe_substitute(around)
        for name, value in kernel.env.items()
        if not is_secret(name) and (name in inherited or name not in request.env)
    }
    return msgspec.structs.replace(
        request,
        kernel=None,
        python=_interpreter(kernel, given.get("PATH", around.get("PATH"))),
        env=request.env | given,
        inherited_env=sorted(inherited | given.keys()),
    )


def _interpreter(kernel: Kernel, path: str | None) -> str:
    """Return the absolute path of a kernel's Python; Jupyter replaces the same names."""
    remedy = "give the interpreter instead: python='/path/to/python'"
    provisioner = kernel.metadata.get("kernel_provisioner") or {}
    if provisioner.get("provisioner_name", _LOCAL_PROVISIONER) != _LOCAL_PROVISIONER:
        raise _invalid(kernel.name, f", which is not started on this machine; {remedy}")
    if not _runs_ipykernel(kernel.argv):
        raise _invalid(kernel.name, f", which is not 'python -m ipykernel_launcher'; {remedy}")
    word = kernel.argv[0]
    if word in _THIS_PYTHON:
        return sys.executable
    word = word.replace("{prefix}", sys.prefix).replace("{resource_dir}", kernel.resource_dir)
    found = shutil.which(word, path=path)
    if found is None or not os.path.isabs(found):
        raise _invalid(kernel.name, f": there is no executable {word!r}; {remedy}")
    return found


def _runs_ipykernel(argv: Sequence[str]) -> bool:
    """Return whether a kernel is ``python [options] -m ipykernel_launcher ...``.

    The options do not matter: they are the kernel's (``-Xfrozen_modules=off`` is for its debugger),
    and what a kernel launches does not have them.
    """
    words = iter(argv[1:])
    for word in words:
        if word == "-m":
            return next(words, None) in _LAUNCHERS
        if word in _OPTIONS_WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return False
    return False


def _invalid(name: str, problem: str) -> InvalidRequest:
    shown = shorten(name, _SHOWN_CHARS)
    return InvalidRequest(f"kernel is {shown!r}{problem}", parameter="kernel")
