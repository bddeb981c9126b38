"""The programs of `support.examples`, in both modes, launched as from a kernel."""

from __future__ import annotations

import pytest
from support.examples import EXAMPLES, KERNEL, Example, Seen

CASES = [
    pytest.param(example, terminal, id=f"{example.name}-{'terminal' if terminal else 'pipes'}")
    for example in EXAMPLES
    for terminal in example.modes
    if not example.outside
]


@pytest.mark.parametrize(("example", "terminal"), CASES)
def test_a_log_shows_a_program_as_a_terminal_does(
    example: Example,
    terminal,
    tmp_path,
    monkeypatch,
):
    if example.missing():
        pytest.skip(f"needs {', '.join(example.missing())}")
    for name, value in KERNEL.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)
    seen = Seen(tmp_path, terminal)
    example.watch(seen)
    example.check(seen)
