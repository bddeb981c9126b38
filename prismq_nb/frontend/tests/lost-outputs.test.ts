import { afterEach, describe, expect, test, vi } from "vitest";
import { type CellRun, lostOf, type OpenNotebook, putBack } from "../src/entry/lost-outputs.js";

const SAVED = Date.parse("2025-10-31T12:00:00Z");
const OPENED = { path: "work/train.ipynb", kernel: "k1", saved: SAVED };

function run(id: string, changed: Partial<CellRun> = {}): CellRun {
  return {
    run_id: id,
    module_name: "training",
    kind: "cell",
    kernel_id: "k1",
    notebook: "work/train.ipynb",
    cell_id: "c1",
    completed_at: null,
    ...changed,
  };
}

function ids(...runs: CellRun[]): string[] {
  return lostOf("c1", runs, OPENED).map(({ run_id }) => run_id);
}

describe("runs that a cell lacks", () => {
  test("are those that run, outermost first", () => {
    const ended = run("old", { completed_at: "2025-10-31T12:05:00Z" });
    expect(ids(run("inner"), run("outer"), ended)).toEqual(["outer", "inner"]);
  });

  test("or the last one, if it ended after the notebook was saved", () => {
    const [last, older] = ["2025-10-31T12:05:00Z", "2025-10-31T12:04:00Z"];
    const runs = [run("last", { completed_at: last }), run("older", { completed_at: older })];
    expect(ids(...runs)).toEqual(["last"]);
    expect(ids(run("before", { completed_at: "2025-10-31T11:59:59Z" }))).toEqual([]);
  });

  test("none if it is not known when the notebook was saved", () => {
    const ended = run("ended", { completed_at: "2025-10-31T12:05:00Z" });
    expect(lostOf("c1", [ended], { ...OPENED, saved: Number.NaN })).toEqual([]);
  });

  test("are of this cell, and of this notebook or its kernel", () => {
    expect(ids(run("other", { cell_id: "c2" }), run("launched", { kind: "launch" }))).toEqual([]);
    expect(ids(run("renamed", { notebook: "before.ipynb" }))).toEqual(["renamed"]);
    expect(ids(run("kernel is gone", { kernel_id: "k0" }))).toEqual(["kernel is gone"]);
    const root = "/home/ann/work/train.ipynb";
    expect(ids(run("below a root", { kernel_id: "k0", notebook: root }))).toEqual(["below a root"]);
    const copy = { kernel_id: "k0", notebook: "homework/train.ipynb" };
    expect(ids(run("copy", copy), run("nowhere", { kernel_id: null, notebook: null }))).toEqual([]);
  });
});

describe("an opened notebook", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** A notebook of one cell, which another path has; its kernel is known later. */
  function opened(kernels: readonly (string | null)[]): { panel: OpenNotebook; added: unknown[] } {
    const added: unknown[] = [];
    const outputs = { length: 0, get: () => ({}), add: (output: unknown) => added.push(output) };
    const asked = [...kernels];
    const session = {
      get kernel() {
        const id = asked.length > 1 ? asked.shift() : asked[0];
        return id ? { id } : null;
      },
    };
    const panel = {
      content: { model: { cells: { length: 1, get: () => ({ id: "c1", outputs }) } } },
      context: {
        ready: Promise.resolve(),
        localPath: "elsewhere.ipynb",
        contentsModel: null,
        model: {},
      },
      sessionContext: { ready: Promise.resolve(), session },
      isDisposed: false,
    };
    return { panel, added };
  }

  function answer(...bodies: readonly (object | null)[]): () => number {
    let requests = 0;
    vi.stubGlobal("document", { getElementById: () => null, body: { dataset: {} }, cookie: "" });
    vi.stubGlobal("fetch", async () => {
      const body = bodies[Math.min(requests, bodies.length - 1)];
      requests += 1;
      if (!body) throw new TypeError("no connection");
      return Response.json(body);
    });
    return () => requests;
  }

  const LISTED = { runs: [run("run_20251031_120000_training_0a1b2c")] };

  test.each([
    ["known", ["k1"]],
    ["known later", [null, "k1"]],
  ])("lists the runs once where its kernel is %s", async (_, kernels) => {
    const requests = answer(LISTED);
    const { panel, added } = opened(kernels);
    await putBack(panel);
    expect([added.length, requests()]).toEqual([1, 1]);
  });

  test("lists them again if the server did not answer", async () => {
    const requests = answer(null, LISTED);
    const { panel, added } = opened(["k1"]);
    await putBack(panel);
    expect([added.length, requests()]).toEqual([1, 2]);
  });
});
