import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GATHER_MS, LINGER_MS, StreamHub } from "../src/stream/hub.js";
import { parseListEvent } from "../src/stream/list-event.js";
import { CHANGED, FakeList, FakeRun, FakeServer, upTo } from "./support/streams.js";

let server: FakeServer;
let hub: StreamHub;
let seen: boolean;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const follow = () => {
  const list = new FakeList();
  const subscription = hub.followList(list);
  subscription.watch(true);
  return { list, subscription };
};

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  seen = true;
  const page = { visible: () => seen, now: () => Date.now(), random: () => 1 };
  hub = new StreamHub({ open: server.open, probe: server.probe, ...page });
});
afterEach(() => vi.useRealTimers());

test("the list and the viewers of a page share one stream", async () => {
  const { list } = follow();
  const run = new FakeRun("a");
  hub.subscribe(run).watch(true);
  await pass(GATHER_MS);
  expect(server.requests).toEqual(["run=a&runs="]);
  server.print("a", 2);
  server.change();
  await pass(0);
  expect(list.received).toEqual(["reset", 1]);
  expect(run.lines).toEqual(upTo(2));
});

test("a new viewer costs the list no change and no second listing", async () => {
  const { list } = follow();
  await pass(GATHER_MS);
  server.change();
  await pass(0);
  hub.subscribe(new FakeRun("a")).watch(true);
  server.change(); // not read yet when the request is replaced
  await pass(GATHER_MS);
  server.change();
  await pass(0);
  expect(server.requests.at(-1)).toMatch(/^run=a&runs=e-[12]$/);
  expect(list.received).toEqual(["reset", 1, 2, 3]);
  expect(server.openStreams).toBe(1);
});

test("a broken connection resumes where it was; a restarted server resets", async () => {
  const { list } = follow();
  await pass(GATHER_MS);
  server.breakConnections();
  server.change();
  await pass(5_000);
  expect(list.received).toEqual(["reset", 1]);
  server.down = true;
  server.breakConnections();
  await pass(100);
  expect(list.problem?.state).toBe("reconnecting");
  server.epoch = "f";
  server.down = false;
  await pass(60_000);
  expect(list.received).toEqual(["reset", 1, "reset"]);
  expect(list.problem).toBeUndefined();
});

test("nothing is open while the list is hidden; what was missed arrives afterwards", async () => {
  const { list, subscription } = follow();
  await pass(GATHER_MS);
  seen = false;
  hub.visibilityChanged();
  await pass(LINGER_MS);
  expect(server.openStreams).toBe(0);
  server.change();
  seen = true;
  hub.visibilityChanged();
  await pass(GATHER_MS);
  expect(list.received).toEqual(["reset", 1]);
  subscription.watch(false);
  await pass(LINGER_MS);
  expect(server.openStreams).toBe(0);
  subscription.watch(true);
  await pass(GATHER_MS);
  expect(list.received).toEqual(["reset", 1]);
  subscription.end();
  await pass(LINGER_MS);
  expect(server.openStreams).toBe(0);
});

test("who asks for it follows the list of a hidden page, where no viewer streams", async () => {
  const list = new FakeList();
  const subscription = hub.followList(list, { whileHidden: true });
  subscription.watch(true);
  hub.subscribe(new FakeRun("a")).watch(true);
  await pass(GATHER_MS);
  seen = false;
  hub.visibilityChanged();
  await pass(LINGER_MS + GATHER_MS);
  expect(server.requests.at(-1)).toBe("runs=e-0");
  server.change();
  await pass(0);
  expect(list.received).toEqual(["reset", 1]);
  subscription.watch(false);
  await pass(LINGER_MS);
  expect(server.openStreams).toBe(0);
});

test("who comes back to a stream of others lists only if it missed something", async () => {
  const { list } = follow();
  const other = follow();
  await pass(GATHER_MS);
  other.subscription.watch(false);
  await pass(LINGER_MS + 1);
  other.subscription.watch(true);
  expect(other.list.received).toEqual(["reset"]);
  other.subscription.watch(false);
  await pass(LINGER_MS + 1);
  server.change();
  await pass(0);
  other.subscription.watch(true);
  expect(other.list.received).toEqual(["reset", "reset"]);
  expect(list.received).toEqual(["reset", 1]);
  expect(server.requests).toEqual(["runs="]);
});

test.each([
  ["run", { run_id: CHANGED, status: "running" }, true],
  ["removed", { run_id: CHANGED }, true],
  ["run", { run_id: CHANGED }, false],
  ["run", { run_id: "../../etc", status: "running" }, false],
  ["removed", { run_id: 7 }, false],
  ["removed", null, false],
  ["error", { run_id: CHANGED }, false],
])("an event %s of %o is parsed", (name, data, isSound) => {
  expect(parseListEvent(name, JSON.stringify(data), "e-1") !== undefined).toBe(isSound);
  expect(parseListEvent(name, JSON.stringify(data), "")).toBeUndefined();
  expect(parseListEvent(name, "{", "e-1")).toBeUndefined();
});
