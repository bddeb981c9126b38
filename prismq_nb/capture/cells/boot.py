"""The entry point of the supervisor of watched cells.

``python -I -S boot.py PACKAGE_PARENT LINK_FD KERNEL_PID KERNEL_STARTED KERNEL_FD``, as
`capture/boot.py`.
"""

from __future__ import annotations

import gc
import os
import sys


def main(link_fd: int, kernel_pid: int, kernel_started: str, kernel_fd: int) -> None:
    """Run a supervisor until its kernel ends.

    It is not a child of the kernel, whose programs may wait for all their children (wait(2)), and
    whose processor time and memory are measured with those of its children.

    Args:
        link_fd: end of the socket pair to the kernel.
        kernel_pid: process id of the kernel.
        kernel_started: its `start_identity`.
        kernel_fd: descriptor of its process (pidfd_open(2)); -1 where there is none.
    """
    if os.fork():
        os._exit(0)
    for fd in (link_fd, kernel_fd):
        if fd >= 0:
            os.set_inheritable(fd, False)
    gc.disable()  # imported modules stay: collecting garbage among them takes 2 ms
    # This can be imported only now that the path is set
    from prismq_nb.capture.cells.kernel import KernelProcess  # noqa: PLC0415
    from prismq_nb.capture.cells.supervisor import CellSupervisor  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    CellSupervisor(link_fd, KernelProcess(kernel_pid, kernel_started, kernel_fd)).run()


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
