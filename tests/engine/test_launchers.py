"""A launcher while its supervisors live."""

from __future__ import annotations

from prismq_nb.engine.launch import launchers
from prismq_nb.engine.launch.launchers import LocalLauncher


class Process:
    """A supervisor that ends after so many checks."""

    def __init__(self, looks):
        self.looks = looks

    def poll(self):
        self.looks -= 1
        return None if self.looks > 0 else 0


def test_long_lived_supervisors_are_checked_seldom(monkeypatch):
    waits = []
    monkeypatch.setattr(launchers.time, "sleep", waits.append)
    launcher = LocalLauncher()
    launcher._children = {Process(3), Process(8)}
    launcher._reap()
    assert waits == [0.5, 0.5, 1, 0.5, 1, 2, 4, 4]
    assert launcher._children == set()
