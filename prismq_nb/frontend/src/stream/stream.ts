/**
 * Reads the server-sent events of one response. Apart from the hub, which decides when to open one and what to do with what it says.
 */

import { createParser } from "eventsource-parser";
import { type Batch, parseBatch } from "../base/protocol.js";

const NO_STREAM = "the server did not send an event stream";

/**
 * Reads until the response ends or fails.
 *
 * @param onBatch each batch, in order.
 * @param onBytes something arrived, a keep-alive comment included.
 * @throws what `fetch` throws when the connection breaks or is aborted; Error when the answer is no event stream.
 */
export async function readBatches(response: Response, onBatch: (batch: Batch) => void, onBytes: () => void): Promise<void> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream") || !response.body) throw new Error(NO_STREAM);
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const batch = event === "batch" ? parseBatch(data) : undefined;
      if (batch) onBatch(batch);
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    onBytes();
    parser.feed(decoder.decode(chunk.value, { stream: true }));
  }
}
