import { expect, test } from "vitest";
import type { KernelSpecs, Session } from "../src/lab/application.js";
import { kernelFor, pythonKernels } from "../src/lab/script-kernel.js";

const SPECS: KernelSpecs = {
  default: "python3",
  kernelspecs: {
    python3: { display_name: "Python 3", language: "python" },
    ml: { display_name: "ML", language: "python" },
    ir: { display_name: "R", language: "R" },
    gone: undefined,
  },
};
const notebook = (path: string, name: string, type = "notebook"): Session => ({
  path,
  type,
  kernel: { name },
});

test("kernels of other languages cannot run a script", () => {
  expect(pythonKernels(SPECS).map(({ label }) => label)).toEqual(["ML", "Python 3"]);
  expect(pythonKernels(null)).toEqual([]);
});

test.each([
  [
    "the one of the folder's notebooks",
    [notebook("a/x.ipynb", "ml"), notebook("a/y.ipynb", "ml")],
    "ml",
  ],
  ["two of them", [notebook("a/x.ipynb", "ml"), notebook("a/y.ipynb", "python3")], "python3"],
  ["another folder", [notebook("x.ipynb", "ml"), notebook("a/b/x.ipynb", "ml")], "python3"],
  ["R beside it", [notebook("a/x.ipynb", "ir"), notebook("a/y.ipynb", "ml")], "ml"],
  ["a console", [notebook("a/x", "ml", "console")], "python3"],
  ["a kernel that is gone", [notebook("a/x.ipynb", "removed")], "python3"],
  ["no kernel yet", [{ path: "a/x.ipynb", type: "notebook", kernel: null }], "python3"],
  ["nothing", [], "python3"],
])("the kernel for a/train.py with %s", (_, sessions, expected) => {
  expect(kernelFor("a/train.py", SPECS, sessions)).toBe(expected);
});

test("there may be no kernel for Python", () => {
  expect(kernelFor("train.py", { ...SPECS, default: "ir" }, [])).toBeUndefined();
  expect(kernelFor("train.py", null, [])).toBeUndefined();
});
