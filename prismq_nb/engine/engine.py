"""All the runs of one data directory: launch, list, read, stop. The one way to them for the server, the local client and the CLI.

Calls block for as long as the disk and a new process take (`launch` 40 to 100 ms, everything else well under one), and may come from any thread.
Knows no HTTP and no event loop.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from prismq_nb.capture import control
from prismq_nb.capture.child import RUN_ID_VARIABLE
from prismq_nb.capture.mask import Masker
from prismq_nb.engine.launchers import LocalLauncher
from prismq_nb.engine.prepare import Prepared, prepare
from prismq_nb.engine.store import RunFiles, RunStore
from prismq_nb.errors import InputFull, InvalidRequest, LaunchFailed, RunActive, RunEnded
from prismq_nb.journal import state
from prismq_nb.journal.format import LOG, BadIndex
from prismq_nb.journal.levels import Level
from prismq_nb.journal.reader import JournalReader
from prismq_nb.models import LaunchSpec, Run, RunPage

INPUT_BYTES_MAX = 65_536
_CODE_DIR, _CODE_FILE, _ARTIFACTS_DIR = "code", "__cell__.py", "artifacts"


class Engine:
    """The runs of one data directory. Several engines, in several processes, may share it.

    Attributes:
        data_dir: absolute; mode 0700.
    """

    def __init__(self, data_dir: Path, *, default_cwd: Path | None = None) -> None:
        """Opens a data directory, and makes it where it is missing.

        Args:
            data_dir: where the runs are.
            default_cwd: working directory of launches that name none; default: the process's own.

        Raises:
            OSError: the directory cannot be made or written.
        """
        self.data_dir = data_dir.absolute()
        self._default_cwd = default_cwd or Path.cwd()
        self._store = RunStore(self.data_dir)
        self._launcher = LocalLauncher()

    def close(self) -> None:
        """Lets go of the data directory. Stops no run."""
        self._store.close()

    def launch(self, spec: LaunchSpec) -> Run:
        """Starts a run; when this returns, its child runs.

        Raises:
            InvalidRequest: something in `spec` cannot be used.
            LaunchFailed: the operating system refused; no run is left behind.
            StorageFull: the data directory takes no more.
        """
        prepared = prepare(spec, self._default_cwd)
        masker = Masker(prepared.secrets)
        files, lock_fd = self._store.create(prepared.slug, _launch_record(spec, prepared, masker))
        try:
            self._launcher.start(files.path, self._supervisor_spec(spec, prepared, files), lock_fd)
        except LaunchFailed as error:
            self._store.remove(files)
            raise LaunchFailed(masker.apply_text(str(error))) from None
        except BaseException:
            self._store.remove(files)
            raise
        finally:
            os.close(lock_fd)
        return self._show(files)

    def get(self, run_id: str) -> Run:
        """One run. Raises `RunNotFound`."""
        return self._show(self._store.find(run_id))

    def list(self, *, module_id: str | None = None, status: str | None = None, q: str | None = None, limit: int = 50, offset: int = 0) -> RunPage:
        """Runs, newest first.

        Args:
            module_id: only those of this module.
            status: only those with this status.
            q: only those whose id or name contains this text, in any case.
            limit: at most so many, 1 or more.
            offset: leave out so many of the newest.

        Raises:
            InvalidRequest: there is no such status.
        """
        if status is not None and status not in state.STATUSES:
            raise InvalidRequest(f"status is {status!r}: give one of {', '.join(state.STATUSES)}")
        tests: list[Callable[[RunFiles], bool]] = []
        if module_id is not None:
            tests.append(lambda files: files.launch.get("module_id") == module_id)
        if status is not None:
            tests.append(lambda files: files.status == status)
        if q:
            text = q.lower()
            tests.append(lambda files: text in files.run_id.lower() or text in str(files.launch.get("module_name", "")).lower())
        matching = [files for files in self._store.all() if all(test(files) for test in tests)]
        return RunPage([self._show(files) for files in matching[offset : offset + limit]], len(matching), limit, offset)

    def stop(self, run_id: str) -> Run:
        """Asks a run to stop; a second call escalates at once.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
        """
        files = self._active(run_id)
        self._send(files, [control.stop_line()])
        run = self._show(files)
        run.stopping = run.status not in state.ENDED  # the supervisor says so itself a moment later
        return run

    def send(self, run_id: str, text: str, *, eof: bool = False) -> None:
        """Writes to the module's stdin.

        Args:
            run_id: the run.
            text: as it is; a line needs its newline.
            eof: close stdin after it.

        Raises:
            RunNotFound: there is no such run.
            RunEnded: it has ended.
            InputFull: 64 KiB wait unread.
            InvalidRequest: the text alone is over 64 KiB.
        """
        data = text.encode("utf-8", "surrogateescape")
        if len(data) > INPUT_BYTES_MAX:
            raise InvalidRequest(f"text has {len(data)} bytes: send at most {INPUT_BYTES_MAX} at once")
        files = self._active(run_id)
        if int(files.state().get("input_waiting", 0)) + len(data) > INPUT_BYTES_MAX:
            raise InputFull(f"{files.run_id} has {files.state()['input_waiting']} bytes of input waiting: send more when it has read them")
        self._send(files, control.input_lines(data, eof=eof))

    def purge(self, run_id: str) -> None:
        """Deletes an ended run and its journal.

        Raises:
            RunNotFound: there is no such run.
            RunActive: it has not ended.
        """
        files = self._store.find(run_id)
        if files.status not in state.ENDED:
            raise RunActive(f"{files.run_id} is {files.status}: stop it before it is purged")
        self._store.remove(files)

    def reader(self, run_id: str) -> JournalReader:
        """A reader of a run's journal, which the caller closes. Raises `RunNotFound`."""
        return JournalReader(self._store.find(run_id).path)

    def log_path(self, run_id: str) -> Path:
        """The file with the bytes as they were printed; what lies behind `JournalReader.log_bytes` does not exist yet. Raises `RunNotFound`."""
        return self._store.find(run_id).path / LOG

    def _active(self, run_id: str) -> RunFiles:
        files = self._store.find(run_id)
        if files.status in state.ENDED:
            raise RunEnded(f"{files.run_id} has ended: it is {files.status}")
        return files

    def _send(self, files: RunFiles, lines: Sequence[bytes]) -> None:
        try:
            control.send(files.path, lines)
        except control.NobodyListens:
            raise RunEnded(f"{files.run_id} has ended: nobody supervises it any more") from None
        except control.Full:
            raise InputFull(f"{files.run_id} does not read what was sent to it: try again later") from None

    def _supervisor_spec(self, spec: LaunchSpec, prepared: Prepared, files: RunFiles) -> dict[str, Any]:
        """What the supervisor is told, through its stdin: it holds the environment and the secrets, which stay off the disk."""
        artifacts = files.path / _ARTIFACTS_DIR
        artifacts.mkdir(mode=0o700)
        code = self._code_file(spec, files)
        return {
            "run_id": files.run_id,
            "argv": [code if argument is None else argument for argument in prepared.argv],
            "cwd": prepared.cwd,
            "env": prepared.env | {RUN_ID_VARIABLE: files.run_id, "PRISMQ_DATA_DIR": str(self.data_dir), "PRISMQ_ARTIFACTS_DIR": str(artifacts)},
            "pty": spec.pty,
            "merge": spec.merge,
            "mask": prepared.secrets,
            "timeout": spec.timeout,
        }

    def _code_file(self, spec: LaunchSpec, files: RunFiles) -> str:
        if spec.code is None:
            return ""
        path = files.path / _CODE_DIR / _CODE_FILE
        path.parent.mkdir(mode=0o700)
        state.write_atomically(path, spec.code.encode("utf-8", "surrogateescape"))
        return str(path)

    def _show(self, files: RunFiles) -> Run:
        """The wire form of a run."""
        launch, now = files.launch, files.state()
        started, completed = now.get("started"), now.get("completed")
        percent, done, total = now.get("progress") or (None, None, None)
        running = now.get("status") == state.RUNNING
        lines, size = _stored(files.path) if running else (int(now.get("lines", 0)), int(now.get("bytes", 0)))
        return Run(
            run_id=files.run_id,
            module_id=str(launch.get("module_id", "unknown")),
            module_name=str(launch.get("module_name", "unknown")),
            status=files.status,
            stopping=bool(now.get("stopping", False)),
            created_at=state.iso(files.created),
            started_at=state.iso(started) if started else None,
            completed_at=state.iso(completed) if completed else None,
            duration_seconds=((completed or state.now()) - started) / state.MICROSECONDS if started else None,
            exit_code=now.get("exit_code"),
            error_message=now.get("error_message"),
            parameters=launch.get("parameters", {}),
            progress_percent=percent,
            items_processed=done,
            items_total=total,
            lines=lines,
            bytes=size,
            levels=_levels(now, lines),
            cpu_percent=now.get("cpu_percent") if running else None,
            memory_bytes=now.get("memory_bytes") if running else None,
        )


def _stored(path: Path) -> tuple[int, int]:
    """Lines and bytes in a journal that still grows: its index knows them up to the moment, ``run.json`` up to the second."""
    try:
        with JournalReader(path) as reader:
            return reader.total_lines, reader.log_bytes
    except (OSError, BadIndex):
        return 0, 0


def _levels(now: dict[str, Any], lines: int) -> dict[str, int | bool]:
    counts = now.get("levels") or [0] * len(Level)
    levels: dict[str, int | bool] = {level.name: int(counts[level]) for level in Level}
    return levels | {"complete": int(now.get("levels_done", 0)) >= lines}


def _launch_record(spec: LaunchSpec, prepared: Prepared, masker: Masker) -> dict[str, Any]:
    """What ``launch.json`` keeps: enough to know and repeat the run, nothing of its environment, every secret masked."""

    def clean(value: Any) -> Any:
        return msgspec.json.decode(masker.apply(msgspec.json.encode(value)))

    argv = ["(code)" if argument is None else argument for argument in prepared.argv]
    return {
        "version": 1,
        "kind": prepared.kind,
        "module_id": prepared.slug if prepared.kind != "module" else (spec.name or prepared.name),
        "module_name": masker.apply_text(prepared.name),
        "host": os.uname().nodename,
        "cwd": prepared.cwd,
        "argv": clean(argv),
        "command_line": masker.apply_text(shlex.join(argv)),
        "parameters": clean(spec.parameters),
        "args": clean(spec.args),
        "pty": spec.pty,
        "merge": spec.merge,
        "timeout": spec.timeout,
        "masked": bool(prepared.secrets),
    }
