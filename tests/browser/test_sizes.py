"""The size that a user gave to a viewer survives saving and reloading."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

LAB_IS_ENOUGH = True  # Notebook 7 has the same outputs; with --whole it is tested too

LAUNCH = "import prismq_nb\nrun = prismq_nb.launch(code='for i in range(300): print(i)')\n"
SHOWN = {"run": LAUNCH + "run", "widget": LAUNCH + "v = prismq_nb.LogViewer(run)\nv"}

HAS_MODEL = "() => globalThis[Symbol.for('prismq_nb.common.models.v1')]?.live.size > 0"


@pytest.mark.parametrize("shown", SHOWN)
def test_it_is_saved_with_the_notebook(jupyter, shown):
    name = f"size-{shown}.ipynb"
    jupyter.open(name, SHOWN[shown])
    jupyter.run_all()
    jupyter.wait_state("completed")
    jupyter.wait_idle()
    handle = jupyter.viewer().get_by_role("separator", name="Height of the viewer")
    before = jupyter.viewer().bounding_box()["height"]
    for _ in range(3):
        handle.press("ArrowUp")
    expect(jupyter.viewer()).to_have_css("height", f"{before - 60:g}px")
    if shown == "widget":
        jupyter.python_until("v.height", int(before - 60))
    jupyter.save()
    jupyter.reload()
    jupyter.wait_state("completed")
    expect(jupyter.viewer()).to_have_css("height", f"{before - 60:g}px")
    jupyter.wait_idle()
    if shown == "widget":
        jupyter.page.wait_for_function(HAS_MODEL)  # the kernel may be idle before that
    jupyter.viewer().get_by_role("log").press("m")
    expect(jupyter.viewer().get_by_role("log")).to_be_hidden()
    if shown == "widget":
        jupyter.python_until("v.collapsed", True)
    jupyter.save()
    jupyter.reload()
    jupyter.wait_state("completed")
    expect(jupyter.viewer().get_by_role("log")).to_be_hidden()
