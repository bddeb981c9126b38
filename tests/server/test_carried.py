"""Pages and batches carry the colours that the lines before them left in force."""

from __future__ import annotations

from support.journals import MadeRun


async def test_a_page_and_a_batch_carry_colours(api, data_dir):
    run = MadeRun(data_dir)
    run.write("\x1b[31mred\nstill red\n\x1b[0mplain\n")
    run.end()
    assert "sgr" not in (await api("GET", f"/{run.run_id}/logs")).json
    assert {"stdout": "\x1b[31m"} == (await api("GET", f"/{run.run_id}/logs", after=0)).json["sgr"]
    events = await api.stream("/stream", run=f"{run.run_id}@1").until(lambda events: events.named("batch"))
    batch = events.named("batch")[0]
    assert (1, {"stdout": "\x1b[31m"}) == (batch["first"], batch["sgr"])
