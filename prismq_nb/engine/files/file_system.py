"""Detect network file systems, where other machines may write as well.

Linux: the magic numbers of statfs(2). macOS: the flag MNT_LOCAL of statfs(2). Uses `ctypes`,
because `os.statvfs` does not give the kind of a file system. It does not use the list of mounts,
because a mount in it may be hidden by a later one or belong to another namespace.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

NETWORK = {
    0x6969,  # NFS
    0xFF534D42,  # CIFS
    0xFE534D42,  # SMB 2 and 3
    0x517B,  # SMB
    0x65735546,  # FUSE: sshfs, s3fs, mergerfs, virtiofs; may be local, but cannot be told apart
    0x01021997,  # 9p: folders shared by a virtual machine's host
    0x00C36400,  # Ceph
    0x5346414F,  # AFS, OpenAFS
    0x6B414653,  # AFS, of the kernel
    0x0BD00BD0,  # Lustre
    0x47504653,  # GPFS
    0x19830326,  # BeeGFS
    0x20030528,  # OrangeFS
    0xAAD7AAEA,  # PanFS
    0x01161970,  # GFS2
    0x7461636F,  # OCFS2
    0x73757245,  # Coda
    0x786F4256,  # shared folders of VirtualBox
    0xBACBACBC,  # shared folders of VMware
}
_BUFFER_BYTES = 4096  # more than any struct statfs
_MAC_FLAGS_OFFSET, _MNT_LOCAL = 64, 0x1000


def is_network(path: str | os.PathLike[str]) -> bool:
    """Return whether other machines may use the same directory. False if unknown."""
    buffer = ctypes.create_string_buffer(_BUFFER_BYTES)
    libc = ctypes.CDLL(None)
    names = ("statfs$INODE64", "statfs") if sys.platform == "darwin" else ("statfs",)
    statfs = next((function for name in names if (function := getattr(libc, name, None))), None)
    if statfs is None or statfs(os.fsencode(path), buffer) != 0:
        return False
    if sys.platform == "darwin":
        flags = struct.unpack_from("=I", buffer.raw, _MAC_FLAGS_OFFSET)[0]
        return not flags & _MNT_LOCAL
    kind: int = struct.unpack_from("@l", buffer.raw)[0]  # __fsword_t
    return kind & 0xFFFFFFFF in NETWORK
