"""What a run's directory keeps of the environment that it was launched with.

Names do not tell which values are secret (``DATABASE_URL``), so values are stored for an allow list
only. Other variables that differ from this process's own are stored by name, and a restart asks for
their values. A value that `mask` names is never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from prismq_nb.common.environment import display, inherited, is_secret, sounds_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismq_nb.capture.masking.masker import Masker
    from prismq_nb.common.models import LaunchSpec

_ALLOWED = frozenset(
    {"PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG"}
)
_ALLOWED_PREFIXES = ("CONDA_", "PYTHON", "CUDA_", "OMP_", "LC_")
_OF_A_SHELL = frozenset({"_", "SHLVL", "PWD", "OLDPWD"})
"""A shell changes these at every command, so they are not part of a launch."""
_OF_KERNELS = frozenset({("CLICOLOR", "1"), ("PYDEVD_USE_FRAME_EVAL", "NO")})
"""Set in every kernel, by ipykernel and debugpy."""
MAX_BYTES = 64 << 10
"""Maximum length of names and values together. A restart asks for further values."""
MAX_NAMES = 1000

_Names = Annotated[list[str], msgspec.Meta(max_length=MAX_NAMES)]


class StoredEnvironment(msgspec.Struct, frozen=True):
    """What is on disk of a launch's `env` and `mask`.

    Attributes:
        values: variables with their values; None: removed.
        asked: names of variables whose values a restart asks for.
        chosen: those of `asked` that were chosen for this run, so the environment of a notebook may
            have other values for them.
        mask: names of variables whose values are masked.
        masks: number of masked values that belong to no variable.
        whole: nothing was masked in the other options, so they are on disk as they were.
    """

    values: dict[str, str | None] = {}
    asked: _Names = []
    chosen: _Names = []
    mask: _Names = []
    masks: Annotated[int, msgspec.Meta(ge=0, le=MAX_NAMES)] = 0
    whole: bool = True


def stored_environment(
    spec: LaunchSpec,
    environ: Mapping[str, str],
    masker: Masker,
    *,
    terminal: bool,
    whole: bool,
) -> StoredEnvironment | None:
    """Return what may be stored; None: the names alone are too long, or contain secrets.

    Args:
        spec: the launch.
        environ: this process's environment.
        masker: masks what `spec` wants masked.
        terminal: the run has terminals.
        whole: see `StoredEnvironment`.
    """
    base = inherited(environ, terminal=terminal) | display(terminal=terminal)
    values: dict[str, str | None] = {}
    asked: list[str] = []
    room = MAX_BYTES
    inherited_names = frozenset(spec.inherited_env)
    for name, value in sorted(spec.env.items()):
        if name in _OF_A_SHELL and name in inherited_names:
            continue
        size = len(name) + len(value or "")
        if value is None or (_may_be_kept(name, value, masker) and size <= room):
            values[name] = value
        elif value != base.get(name):
            asked.append(name)
            size = len(name)
        else:
            continue
        room -= size
    known = {**environ, **spec.env}
    mask = [entry for entry in spec.mask if known.get(entry) is not None]
    names = [*values, *asked, *mask]
    if room < 0 or len(names) > MAX_NAMES or any(masker.apply_text(name) != name for name in names):
        return None
    chosen = [name for name in asked if name not in inherited_names]
    return StoredEnvironment(values, asked, chosen, mask, len(spec.mask) - len(mask), whole)


def _may_be_kept(name: str, value: str, masker: Masker) -> bool:
    """Return whether a variable is on the list and its value does not look like a credential."""
    if (name, value) in _OF_KERNELS:
        return True
    if name not in _ALLOWED and not name.startswith(_ALLOWED_PREFIXES):
        return False
    if is_secret(name) or sounds_secret(name) or "://" in value:  # a URL may contain credentials
        return False
    return masker.apply_text(value) == value
