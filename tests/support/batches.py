"""Expand the event ``logs`` to lines, exactly as openapi.yaml describes it, without regard to
speed.
"""

from __future__ import annotations

from typing import Any

from prismq_nb.common.base.state import iso

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def expanded(logs: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines as events ``log`` have them; a cut text stays cut."""
    texts = logs["texts"]
    numbers = logs.get("lines", [logs["first"] + i for i in range(len(texts))])
    assert numbers[0] == logs["first"]
    assert len(numbers) == len(texts) == len(logs["levels"])
    lines = []
    for number, letter, text in zip(numbers, logs["levels"], texts, strict=True):
        line, stamp, stream = [stretch for stretch in logs["stretches"] if stretch[0] <= number][-1]
        (level,) = [level for level in LEVELS if level.startswith(letter)]
        found = {
            "line": number,
            "timestamp": iso(stamp + number - line),
            "level": level,
            "message": text,
            "stream": stream,
        }
        lines.append(found | ({"prompt": True} if number in logs.get("prompts", ()) else {}))
    assert "prompts" not in logs or set(logs["prompts"]) <= set(numbers)
    return lines
