"""Resolve the names in a launch that only the Jupyter server knows: its kernels, its files."""

from __future__ import annotations

import inspect
import os
import shlex
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_server.gateway.gateway_client import GatewayClient
from traitlets import TraitError

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.common.kernels import (
    Kernel,
    check_use,
    unknown_kernel,
    unreadable_kernel,
    with_kernel,
)
from prismq_nb.common.models import LaunchOrigin, LaunchRequest, LaunchSpec
from prismq_nb.engine.launch.prepare import SOURCES
from prismq_nb.errors import InvalidRequest
from prismq_nb.server.http.contents import file_path

Call = Callable[..., Awaitable[Any]]
MAX_ARGUMENTS_CHARS = 20_000
"""`shlex` takes 40 ms for one word of this length, and 90 s for one of a million."""
_SHOWN_CHARS = 200


async def launch_spec(
    request: LaunchRequest, settings: Mapping[str, Any], call: Call
) -> LaunchSpec:
    """Return a launch as the engine takes it.

    Args:
        request: the launch as it was requested.
        settings: of the web application, where Jupyter's managers are.
        call: runs a function in a thread.

    Raises:
        InvalidRequest: a name is unknown, or cannot be used.
    """
    check_use(request)
    if request.arguments is not None:
        args = await call(_split, request.arguments, request.args)
        request = msgspec.structs.replace(request, args=args, arguments=None)
    if request.contents_path is not None:
        request = await call(_with_script, request, settings.get("contents_manager"))
    if request.kernel is not None:
        kernel = await _kernel(request.kernel, settings.get("kernel_spec_manager"), call)
        request = await call(with_kernel, request, kernel)
    return request.resolved()


def _split(arguments: str, args: list[str]) -> list[str]:
    """Return the words of a text, as a shell would split it. Call it in a thread."""
    if args:
        raise _invalid_arguments(arguments, "args is given as well; remove one of them")
    if len(arguments) > MAX_ARGUMENTS_CHARS:
        length = f"it has {len(arguments):,} characters, more than {MAX_ARGUMENTS_CHARS:,}"
        raise _invalid_arguments(arguments, f"{length}; use args")
    try:
        return shlex.split(arguments)
    except ValueError as error:
        remedy = "close the quotes, or put a backslash before a quote that is meant as it is"
        if arguments.endswith("\\"):
            remedy = "double the backslash at the end"
        raise _invalid_arguments(arguments, f"{str(error).lower()}; {remedy}") from None


def _invalid_arguments(arguments: str, problem: str) -> InvalidRequest:
    shown = shorten(arguments, _SHOWN_CHARS)
    return InvalidRequest(f"arguments is {shown!r}: {problem}", parameter="arguments")


def _with_script(request: LaunchRequest, contents: object) -> LaunchRequest:
    path = str(request.contents_path)
    if other := next((name for name in SOURCES if getattr(request, name) is not None), None):
        raise InvalidRequest(
            f"contents_path is {path!r}, and {other} is given as well; remove one of them",
            parameter="contents_path",
        )
    script = file_path(path, contents)
    return msgspec.structs.replace(
        request,
        contents_path=None,
        script=script,
        cwd=os.path.dirname(script) if request.cwd is None else request.cwd,
        origin=request.origin or LaunchOrigin(kind="ui"),
    )


async def _kernel(name: str, manager: Any, call: Call) -> Kernel:
    """Return what is needed of a kernelspec. Managers may be asynchronous, and read the disk.

    `get_kernel_spec` alone would give kernels that `allowed_kernelspecs` leaves out.
    """
    if GatewayClient.instance().gateway_enabled:
        raise InvalidRequest(
            f"kernel is {name!r}, but the kernels of this server run elsewhere, behind a gateway;"
            " give an interpreter of the server instead: python='/path/to/python'",
            parameter="kernel",
        )
    known = await _awaited(call(manager.find_kernel_specs))
    if name not in known:
        raise unknown_kernel(name, known)
    try:
        return Kernel.of(name, await _awaited(call(manager.get_kernel_spec, name)))
    except NoSuchKernel:  # removed meanwhile, or its provisioner is not installed
        raise unknown_kernel(name, known.keys() - {name}) from None
    except (OSError, TypeError, ValueError, TraitError) as error:
        raise unreadable_kernel(name, error) from None


async def _awaited(answer: Awaitable[Any]) -> Any:
    """Return what a method returns, whether or not it is a coroutine."""
    found = await answer
    return await found if inspect.isawaitable(found) else found
