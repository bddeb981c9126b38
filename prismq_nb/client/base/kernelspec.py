"""Read kernelspecs without a server, as a Jupyter server on this machine would."""

from __future__ import annotations

from prismq_nb.common.kernels import Kernel, unknown_kernel, unreadable_kernel
from prismq_nb.errors import InvalidRequest


def find_kernel(name: str) -> Kernel:
    """Return what a launch needs of a kernelspec.

    Raises:
        InvalidRequest: there is no such kernel, or jupyter_client is not installed.
    """
    try:  # here, because both are slow to import
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # noqa: PLC0415
        from traitlets import TraitError  # noqa: PLC0415
    except ImportError:
        raise InvalidRequest(
            f"kernel is {name!r}, but kernels are unknown here: there is no Jupyter server, and"
            " jupyter_client is not installed; use python='/path/to/python'",
            parameter="kernel",
        ) from None
    manager = KernelSpecManager()
    known = manager.find_kernel_specs()
    if name not in known:
        raise unknown_kernel(name, known)
    try:
        return Kernel.of(name, manager.get_kernel_spec(name))
    except NoSuchKernel:  # its provisioner is not installed
        raise unknown_kernel(name, known.keys() - {name}) from None
    except (OSError, TypeError, ValueError, TraitError) as error:
        raise unreadable_kernel(name, error) from None
