import { expect, test } from "vitest";
import { ask, type Kernel, keepOn, OFF, STATE, turnOn } from "../src/cells/kernel.js";
import { type SessionContext, type Settings, Watcher } from "../src/cells/watcher.js";

type Slot<T> = (sender: unknown, value: T) => void;
type Reply = Awaited<ReturnType<Kernel["requestExecute"]>["done"]>["content"];
interface Asked {
  readonly expression: string;
  readonly content: Record<string, unknown>;
  answer(isOn: boolean): Promise<void>;
  abort(): Promise<void>;
  fail(ename: string, evalue: string): Promise<void>;
  cancel(): Promise<void>;
}

const SETTINGS: Settings = { watchEveryNotebook: false, watchAfter: 5 };
const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

class FakeKernel implements Kernel {
  readonly asked: Asked[] = [];
  readonly info = new Promise<never>(() => undefined);
  readonly id: string;
  readonly name: string;

  constructor(id: string, name = "python3") {
    this.id = id;
    this.name = name;
  }

  get last(): Asked {
    return this.asked.at(-1)!;
  }

  requestExecute(content: Record<string, unknown>) {
    let resolve!: (reply: { content: Reply }) => void;
    let reject!: (error: Error) => void;
    const done = new Promise<{ content: Reply }>((...both) => {
      [resolve, reject] = both;
    });
    const [expression] = Object.values(content.user_expressions as Record<string, string>);
    const evaluated = (watched: object): Promise<void> => {
      resolve({ content: { status: "ok", user_expressions: { watched } } as Reply });
      return settled();
    };
    this.asked.push({
      expression: expression!,
      content,
      answer: (isOn) =>
        evaluated({ status: "ok", data: { "text/plain": isOn ? "True" : "False" } }),
      fail: (ename, evalue) => evaluated({ status: "error", ename, evalue }),
      abort: () => {
        resolve({ content: { status: "aborted" } });
        return settled();
      },
      cancel: () => {
        reject(new Error("Canceled future"));
        return settled();
      },
    });
    return { done };
  }
}

class Notebook {
  readonly told: string[] = [];
  readonly watcher: Watcher;
  readonly #slots = { kernel: new Set<Slot<unknown>>(), status: new Set<Slot<string>>() };
  readonly #iopub = new Set<Slot<never>>();
  #kernel: FakeKernel | null;

  constructor(kernel: FakeKernel | null, settings = SETTINGS) {
    this.#kernel = kernel;
    const signal = <T>(slots: Set<Slot<T>>) => ({ connect: (slot: Slot<T>) => slots.add(slot) });
    const languages = { python3: { language: "python" }, ir: { language: "R" } };
    const notebook = this;
    const context: SessionContext = {
      get session() {
        return { kernel: notebook.#kernel };
      },
      specsManager: { specs: { kernelspecs: languages } },
      kernelChanged: signal(this.#slots.kernel),
      statusChanged: signal(this.#slots.status),
      iopubMessage: signal(this.#iopub) as SessionContext["iopubMessage"],
    };
    this.watcher = new Watcher(context, settings, (problem) => this.told.push(problem));
  }

  get shown(): string {
    const { unavailable, isOn, isPending } = this.watcher;
    return unavailable ?? `${isOn ? "on" : "off"}${isPending ? ", pending" : ""}`;
  }

  async change(kernel: FakeKernel | null): Promise<void> {
    this.#kernel = kernel;
    for (const slot of this.#slots.kernel) slot(undefined, undefined);
    await settled();
  }

  async status(status: string): Promise<void> {
    for (const slot of this.#slots.status) slot(undefined, status);
    await settled();
  }

  async execute(code: string): Promise<void> {
    const message = { header: { msg_type: "execute_input" }, content: { code } };
    for (const slot of this.#iopub) slot(undefined, message as never);
    await settled();
  }
}

/** A notebook whose kernel has answered that it watches nothing. */
async function opened(kernel = new FakeKernel("k")): Promise<[Notebook, FakeKernel]> {
  const notebook = new Notebook(kernel);
  await settled();
  expect(kernel.last.expression).toBe(STATE);
  await kernel.last.answer(false);
  return [notebook, kernel];
}

test("a request leaves no trace and aborts no cell", async () => {
  const kernel = new FakeKernel("k");
  void ask(kernel, OFF);
  expect(kernel.last.content).toMatchObject({
    code: "",
    silent: true,
    store_history: false,
    stop_on_error: false,
    allow_stdin: false,
  });
});

test("a press is pending until the kernel has done it", async () => {
  const [notebook, kernel] = await opened();
  notebook.watcher.toggle();
  expect([notebook.shown, kernel.last.expression]).toEqual(["on, pending", turnOn(5)]);
  await kernel.last.answer(true);
  expect(notebook.shown).toBe("on");
});

test("a press is repeated if the cell before it fails", async () => {
  const [notebook, kernel] = await opened();
  notebook.watcher.toggle();
  await kernel.last.abort();
  expect([notebook.shown, kernel.asked.length]).toEqual(["on, pending", 3]);
  await kernel.last.answer(true);
  expect(notebook.shown).toBe("on");
});

test("the last of several presses counts", async () => {
  const [notebook, kernel] = await opened();
  notebook.watcher.toggle();
  const first = kernel.last;
  notebook.watcher.toggle();
  await first.answer(true);
  expect(notebook.shown).toBe("off, pending");
  await kernel.last.answer(false);
  expect(notebook.shown).toBe("off");
});

test.each(["restarting", "autorestarting", "starting"])(
  "%s: it is turned on again",
  async (how) => {
    const [notebook, kernel] = await opened();
    notebook.watcher.toggle();
    await kernel.last.answer(true);
    await notebook.status(how);
    expect(kernel.last.expression).toBe(keepOn(5));
  },
);

test("a press whose request is lost is repeated when the kernel is back", async () => {
  const [notebook, kernel] = await opened();
  notebook.watcher.toggle();
  await kernel.last.cancel();
  expect(notebook.shown).toBe("on, pending");
  await notebook.status("idle");
  expect(kernel.last.expression).toBe(keepOn(5));
  await kernel.last.answer(true);
  expect(notebook.shown).toBe("on");
});

test("another kernel gets what the person chose, unless it is of another language", async () => {
  const [notebook, kernel] = await opened();
  notebook.watcher.toggle();
  await kernel.last.answer(true);
  await notebook.change(new FakeKernel("r", "ir"));
  expect(notebook.shown).toBe("its kernel runs R, not Python");
  await notebook.change(null);
  expect(notebook.shown).toBe("this notebook has no kernel");
  const other = new FakeKernel("other");
  await notebook.change(other);
  expect(other.last.expression).toBe(keepOn(5));
});

test.each([
  ["ModuleNotFoundError", "No module named 'prismq_nb'", "is not installed"],
  ["ModuleNotFoundError", "No module named 'prismq_nb.notebook.cells'", "is too old"],
  ["ModuleNotFoundError", "No module named 'anywidget'", "No module named 'anywidget'"],
  ["OSError", "no space left", "OSError: no space left"],
])("%s: %s is said once, and the button goes back", async (ename, evalue, says) => {
  const [notebook, kernel] = await opened();
  notebook.watcher.toggle();
  await kernel.last.fail(ename, evalue);
  expect(kernel.last.expression).toBe(STATE);
  await kernel.last.fail("NameError", "no such thing");
  expect([notebook.shown, notebook.told.length]).toEqual(["off", 1]);
  expect(notebook.told[0]).toContain(says);
});

test("a cell that changes it is followed", async () => {
  const [notebook, kernel] = await opened();
  await notebook.execute("1 + 1");
  expect(kernel.asked.length).toBe(1);
  await notebook.execute("%watch on --after 60");
  await kernel.last.answer(true);
  expect(notebook.shown).toBe("on");
});

test("the setting goes to all but those for which the person decided", async () => {
  const [notebook, kernel] = await opened();
  const [decided, itsKernel] = await opened(new FakeKernel("decided"));
  decided.watcher.toggle();
  await itsKernel.last.answer(true);
  decided.watcher.toggle();
  await itsKernel.last.answer(false);
  const count = itsKernel.asked.length;
  for (const { watcher } of [notebook, decided])
    watcher.configure({ watchEveryNotebook: true, watchAfter: 9 });
  expect(kernel.last.expression).toBe(keepOn(9));
  await kernel.last.answer(true);
  expect(itsKernel.asked.length).toBe(count);
  notebook.watcher.configure({ watchEveryNotebook: true, watchAfter: 0.5 });
  expect(kernel.last.expression).toBe(turnOn(0.5));
  await kernel.last.answer(true);
  notebook.watcher.configure({ ...SETTINGS, watchAfter: 0.5 });
  expect(kernel.last.expression).toBe(OFF);
});

test("without prismq_nb the setting says nothing", async () => {
  const kernel = new FakeKernel("k");
  const notebook = new Notebook(kernel, { watchEveryNotebook: true, watchAfter: 5 });
  await settled();
  expect(kernel.last.expression).toBe(keepOn(5));
  await kernel.last.fail("ModuleNotFoundError", "No module named 'prismq_nb'");
  await kernel.last.answer(false);
  expect([notebook.shown, notebook.told]).toEqual(["off", []]);
});
