/** A fake server of runs and its subscribers, for tests of the stream. */

import { type Failure, failureOf } from "../../src/api/failure.js";
import type { Batch, Complete } from "../../src/base/protocol.js";
import type { ConnectionProblem } from "../../src/stream/connection-problem.js";
import { Conversation } from "../../src/stream/conversation.js";
import type { ConnectionState, Sink } from "../../src/stream/hub.js";
import type { RunChange } from "../../src/stream/list-event.js";
import type { ListSink } from "../../src/stream/list-followers.js";

/** A server whose runs grow by command; every request sees all lines from its cursor on. */
export class FakeServer {
  readonly lengths = new Map<string, number>();
  readonly requests: string[] = [];
  /** Runs that were requested to probe the server. */
  readonly probes: string[] = [];
  down = false;
  /** New requests get no answer, as from a machine that is away. */
  hangs = false;
  /** What new requests are answered with; streams stay open, as a proxy keeps them. */
  refusal: (() => Error) | undefined;
  /** Number of the newest change of the list of runs. */
  position = 0;
  /** The server was restarted: positions of before are unknown. */
  epoch = "e";
  #streams: {
    push: (batch: Batch) => void;
    tell: (name: string, data: unknown, position: number) => void;
    hasList: boolean;
    close: () => void;
    cursors: Map<string, number>;
    signal: AbortSignal;
  }[] = [];

  readonly open = async (query: string, signal: AbortSignal): Promise<Response> => {
    this.requests.push(query);
    if (this.hangs) await new Promise((_, reject) => signal.addEventListener("abort", reject));
    if (this.down) throw new Error("refused");
    if (this.refusal) throw this.refusal();
    const list = new URLSearchParams(query).get("runs");
    const cursors = new Map(
      [...new URLSearchParams(query).getAll("run")].map((run) => [
        run.split("@")[0] ?? "",
        Number(run.split("@")[1] ?? 0),
      ]),
    );
    const body = new ReadableStream<Uint8Array>({
      start: (sink) => {
        const send = (head: string, data: unknown): void =>
          sink.enqueue(new TextEncoder().encode(`${head}\ndata: ${JSON.stringify(data)}\n\n`));
        const push = (batch: Batch): void => send("event: batch", batch);
        const tell = (name: string, data: unknown, position: number): void =>
          send(`id: ${this.epoch}-${position}\nevent: ${name}`, data);
        const hasList = list !== null;
        const stream = { push, tell, hasList, close: () => sink.close(), cursors, signal };
        signal.addEventListener("abort", () => {
          this.#drop(stream);
          sink.error(new Error("aborted"));
        });
        this.#streams.push(stream);
        if (list !== null) this.#welcome(tell, list);
      },
    });
    for (const run of cursors.keys()) this.#send(run, true);
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };

  readonly probe = async (run: string): Promise<Failure | undefined> => {
    this.probes.push(run);
    return this.refusal && failureOf(this.refusal());
  };

  #welcome(tell: (name: string, data: unknown, position: number) => void, list: string): void {
    const [epoch, number] = list.split("-");
    if (epoch !== this.epoch) {
      tell("reset", {}, this.position);
      return;
    }
    tell("resumed", {}, Number(number));
    for (let n = Number(number) + 1; n <= this.position; n++) tell("run", changedRun(n), n);
  }

  /** Change one run; it has the number of the change as its lines. */
  change(): void {
    this.position++;
    for (const { tell, hasList } of this.#streams)
      if (hasList) tell("run", changedRun(this.position), this.position);
  }

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
      push({
        run,
        first,
        total,
        lines: Array.from({ length: total - first }, (_, index) => [
          first + index,
          0,
          "INFO",
          "stdout",
          "",
        ]),
      });
      cursors.set(run, total);
    }
  }
}

export class FakeRun implements Sink {
  readonly conversation: Conversation;
  readonly lines: number[] = [];
  readonly first: boolean[] = [];
  link: ConnectionState | undefined;

  constructor(run: string) {
    this.conversation = new Conversation(run);
  }

  batch(batch: Batch, isFirst: boolean): void {
    this.first.push(isFirst);
    for (const [n] of batch.lines ?? []) this.lines.push(n);
  }

  connectionChanged(state: ConnectionState): void {
    this.link = state;
  }
}

const changedRun = (lines: number) => ({ run_id: CHANGED, status: "running", lines });
export const CHANGED = "run_20251031_120000_changed_abc123";

/** Somebody who follows the list of runs. */
export class FakeList implements ListSink {
  /** What it received: the lines of a changed run, or "reset". */
  readonly received: (number | string)[] = [];
  problem: ConnectionProblem | undefined;

  reset(): void {
    this.received.push("reset");
  }

  changed(change: RunChange): void {
    this.received.push(change.kind === "run" ? Number(change.run.lines) : change.run_id);
  }

  trouble(trouble: ConnectionProblem | undefined): void {
    this.problem = trouble;
  }
}

/** 0, 1, ... `count` - 1 */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
