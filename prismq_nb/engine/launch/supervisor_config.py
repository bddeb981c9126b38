"""The supervisor's configuration, which goes through its stdin and never to disk.

It holds the environment and the secrets of a run. What stays on disk is `launch_record`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.capture.processes.identity import DIRECTORY_VARIABLE, RUN_ID_VARIABLE
from prismq_nb.common.base import state

if TYPE_CHECKING:
    from prismq_nb.common.models import LaunchSpec
    from prismq_nb.engine.files.run_directory import RunFiles
    from prismq_nb.engine.launch.prepare import Prepared
    from prismq_nb.engine.store.retention import Limits

_CODE_DIR, _CODE_FILE, _ARTIFACTS_DIR = "code", "__cell__.py", "artifacts"


def supervisor_config(
    spec: LaunchSpec, prepared: Prepared, files: RunFiles, limits: Limits
) -> dict[str, Any]:
    """Return what the supervisor reads from its stdin, with environment and secrets.

    Creates the directory for artifacts, and the file of `code`.
    """
    artifacts = files.path / _ARTIFACTS_DIR
    artifacts.mkdir(mode=0o700)
    code = _code_file(spec, files)
    own = {
        RUN_ID_VARIABLE: files.run_id,
        DIRECTORY_VARIABLE: files.launch["directory"],
        "PRISMQ_DATA_DIR": str(files.path.parent.parent),
        "PRISMQ_ARTIFACTS_DIR": str(artifacts),
    }
    return {
        "run_id": files.run_id,
        "argv": [code if argument is None else argument for argument in prepared.argv],
        "cwd": prepared.cwd,
        "env": prepared.env | own,
        **prepared.streams._asdict(),
        "text_command": prepared.source.text_command,
        "notes": [prepared.masker.apply_text(note) for note in prepared.source.notes],
        "mask": prepared.secrets,
        "timeout": spec.timeout,
        **limits._asdict(),
    }


def _code_file(spec: LaunchSpec, files: RunFiles) -> str:
    if spec.code is None:
        return ""
    path = files.path / _CODE_DIR / _CODE_FILE
    path.parent.mkdir(mode=0o700)
    state.write_atomically(path, spec.code.encode("utf-8", "surrogateescape"))
    return str(path)
