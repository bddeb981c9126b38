import { describe, expect, test } from "vitest";
import {
  type Batch,
  fromPage,
  fromWire,
  isRunId,
  MESSAGE_CHARS,
  parseBatch,
  stampOf,
} from "../src/base/protocol.js";
import { readPageEvents } from "../src/stream/page-events.js";

const RUN = "run_20251031_120000_collect_abc123";

test.each([
  [RUN, true],
  ["run_20251031_120000_a-b_c_abc123", true],
  ["run_20251031_120000_../../etc_abc123", false],
  [`${RUN}?x=1`, false],
  [`${RUN}\n`, false],
  [undefined, false],
])("run id %j: %s", (id, expected) => expect(isRunId(id)).toBe(expected));

test.each([
  ["2025-10-31T12:00:01.123456Z", 1761912001123456],
  ["2025-10-31T12:00:01.5Z", 1761912001500000],
  ["2025-10-31T12:00:01Z", 1761912001000000],
])("%s is %i microseconds", (iso, expected) => expect(stampOf(iso)).toBe(expected));

test.each([
  "",
  "{",
  "null",
  "1",
  "{}",
  '{"run":1,"first":0,"total":0}',
  '{"run":"r","first":"0","total":0}',
])("%j is no batch", (data) => expect(parseBatch(data)).toBeUndefined());

test("a line cut by the server has its full length", () => {
  expect(fromWire([1, 2, "INFO", "stdout", "abc", 5000]).length).toBe(5000);
  expect(fromWire([1, 2, "INFO", "stdout", "abc"]).length).toBe(3);
});

test("a long line of a page is cut by the viewer", () => {
  const log = {
    line: 1,
    timestamp: "2025-10-31T12:00:01Z",
    level: "INFO",
    message: "x".repeat(MESSAGE_CHARS + 1),
    stream: "stdout",
  } as const;
  const line = fromPage(log);
  expect(line.text).toHaveLength(MESSAGE_CHARS);
  expect(line.length).toBe(MESSAGE_CHARS + 1);
});

describe("reading a stream", () => {
  const response = (
    chunks: readonly Uint8Array[],
    type = "text/event-stream; charset=utf-8",
  ): Response => {
    const start = (sink: ReadableStreamDefaultController<Uint8Array>): void => {
      for (const chunk of chunks) sink.enqueue(chunk);
      sink.close();
    };
    return new Response(new ReadableStream({ start }), { headers: { "Content-Type": type } });
  };
  const read = async (source: Response): Promise<Batch[]> => {
    const batches: Batch[] = [];
    const nothing = (): void => undefined;
    const batch = (one: Batch): void => void batches.push(one);
    await readPageEvents(source, { batch, list: nothing, bytes: nothing });
    return batches;
  };
  const wire = new TextEncoder().encode(
    ": keep-alive\n\nevent: batch\n" +
      `data: {"run":"r","first":0,"total":1,"lines":[[0,1,"INFO","stdout","héllo 🚀"]]}\n\n` +
      `event: other\ndata: {"run":"r","first":0,"total":0}\n\n` +
      "event: batch\ndata: not json\n\n" +
      `event: batch\r\ndata: {"run":"r","first":1,"total":1}\r\n\r\n` +
      `event: batch\ndata: {"run":"cut`,
  );

  test.each([1, 2, 3, 7, 1000])("yields the same batches in chunks of %i bytes", async (size) => {
    const chunks = Array.from({ length: Math.ceil(wire.length / size) }, (_, index) =>
      wire.slice(index * size, (index + 1) * size),
    );
    const batches = await read(response(chunks));
    expect(batches.map(({ first }) => first)).toEqual([0, 1]);
    expect(batches[0]?.lines?.[0]?.[4]).toBe("héllo 🚀");
  });

  test("a login page is not a stream", async () => {
    await expect(read(response([wire], "text/html"))).rejects.toThrow(
      "did not send an event stream",
    );
  });
});
