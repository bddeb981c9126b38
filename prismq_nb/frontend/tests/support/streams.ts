/** A server of runs, and runs that listen, for tests of the stream. */

import { type Failure, failureOf } from "../../src/api/failure.js";
import type { Connection, Sink } from "../../src/stream/hub.js";
import type { Batch, Complete } from "../../src/base/protocol.js";

/** A server whose runs grow by command; every request sees all lines from its cursor on. */
export class FakeServer {
  readonly lengths = new Map<string, number>();
  readonly requests: string[] = [];
  /** Runs that were asked for, to see whether the server answers. */
  readonly probes: string[] = [];
  down = false;
  /** New requests get no answer, as from a machine that is away. */
  hangs = false;
  /** What new requests are answered with; streams stay open, as a proxy keeps them. */
  refusal: (() => Error) | undefined;
  #streams: { push: (batch: Batch) => void; close: () => void; cursors: Map<string, number>; signal: AbortSignal }[] = [];

  readonly open = async (query: string, signal: AbortSignal): Promise<Response> => {
    this.requests.push(query);
    if (this.hangs) await new Promise((_, reject) => signal.addEventListener("abort", reject));
    if (this.down) throw new Error("refused");
    if (this.refusal) throw this.refusal();
    const cursors = new Map([...new URLSearchParams(query).getAll("run")].map((run) => [run.split("@")[0] ?? "", Number(run.split("@")[1] ?? 0)]));
    const body = new ReadableStream<Uint8Array>({
      start: (sink) => {
        const push = (batch: Batch): void => sink.enqueue(new TextEncoder().encode(`event: batch\ndata: ${JSON.stringify(batch)}\n\n`));
        const stream = { push, close: () => sink.close(), cursors, signal };
        signal.addEventListener("abort", () => (this.#drop(stream), sink.error(new Error("aborted"))));
        this.#streams.push(stream);
      },
    });
    for (const run of cursors.keys()) this.#send(run, true);
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };

  readonly probe = async (run: string): Promise<Failure | undefined> => {
    this.probes.push(run);
    return this.refusal && failureOf(this.refusal());
  };

  get openStreams(): number {
    return this.#streams.length;
  }

  print(run: string, lines: number): void {
    this.lengths.set(run, (this.lengths.get(run) ?? 0) + lines);
    this.#send(run, false);
  }

  complete(run: string): void {
    const total = this.lengths.get(run) ?? 0;
    const complete: Complete = { status: "completed", exit_code: 0, total_lines: total };
    for (const { push } of this.#streams) push({ run, first: total, total, complete });
  }

  breakConnections(): void {
    for (const stream of [...this.#streams]) {
      this.#drop(stream);
      stream.close();
    }
  }

  #drop(stream: object): void {
    this.#streams = this.#streams.filter((other) => other !== stream);
  }

  #send(run: string, always: boolean): void {
    const total = this.lengths.get(run) ?? 0;
    for (const { push, cursors } of this.refusal ? [] : this.#streams) {
      const first = cursors.get(run);
      if (first === undefined || (first >= total && !always)) continue;
      push({ run, first, total, lines: Array.from({ length: total - first }, (_, index) => [first + index, 0, "INFO", "stdout", ""]) });
      cursors.set(run, total);
    }
  }
}

export class FakeRun implements Sink {
  readonly run: string;
  readonly lines: number[] = [];
  readonly fresh: boolean[] = [];
  link: Connection | undefined;

  constructor(run: string) {
    this.run = run;
  }

  cursor(): number | undefined {
    const last = this.lines.at(-1);
    return last === undefined ? undefined : last + 1;
  }

  batch(batch: Batch, fresh: boolean): void {
    this.fresh.push(fresh);
    for (const [n] of batch.lines ?? []) this.lines.push(n);
  }

  connection(connection: Connection): void {
    this.link = connection;
  }
}

/** 0, 1, ... `count` - 1 */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
