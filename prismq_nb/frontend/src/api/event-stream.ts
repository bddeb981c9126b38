/**
 * Read server-sent events from a `fetch` response (WHATWG HTML, 9.2). `EventSource` is unsuitable:
 * it sends no custom headers, exposes no status, and has its own reconnection rules.
 */

import { createParser } from "eventsource-parser";

/**
 * Read until the response ends or fails, or until `onEvent` returns false.
 *
 * @param onEvent receives the name, the data and the id (or "") of each event, in order.
 * @param onBytes called when anything arrives, including keep-alive comments.
 * @throws whatever `fetch` throws when the connection breaks or is aborted; Error if the response
 *   is not an event stream.
 */
export async function readEvents(
  response: Response,
  onEvent: (name: string, data: string, id: string) => boolean,
  onBytes: () => void = () => undefined,
): Promise<void> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream") || !response.body)
    throw new Error("the server did not send an event stream");
  let isReading = true;
  const parser = createParser({
    onEvent: ({ event = "message", data, id = "" }) => {
      isReading &&= onEvent(event, data, id);
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  while (isReading) {
    const chunk = await reader.read();
    if (chunk.done) return;
    onBytes();
    parser.feed(decoder.decode(chunk.value, { stream: true }));
  }
}
