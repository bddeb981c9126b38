/** Read the events of one response to the page's stream request. */

import { readEvents } from "../api/event-stream.js";
import { type Batch, parseBatch } from "../base/protocol.js";
import { type ListEvent, parseListEvent } from "./list-event.js";

export interface PageEvents {
  /** A batch of a run. */
  batch(batch: Batch): void;
  /** An event about the list of runs. */
  list(event: ListEvent): void;
  /** Anything arrived, including keep-alive comments. */
  bytes(): void;
}

/**
 * Read until the response ends or fails.
 *
 * @param events receives each event, in order.
 * @throws whatever `readEvents` throws.
 */
export async function readPageEvents(response: Response, events: PageEvents): Promise<void> {
  const onEvent = (name: string, data: string, id: string): boolean => {
    const batch = name === "batch" ? parseBatch(data) : undefined;
    const change = batch ? undefined : parseListEvent(name, data, id);
    if (batch) events.batch(batch);
    if (change) events.list(change);
    return true;
  };
  await readEvents(response, onEvent, () => events.bytes());
}
