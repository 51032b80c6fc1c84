// A socket's messages as the language and the web have streams: async iteration, ReadableStream, WritableStream.
// `receive(give, signal)` and `send(parts, signal)` are the socket's own calls. Messages are handed over in the turn they
// are taken from the socket, so that one whose reader has gone is never taken.

import { parts } from './receiving.js';

const END = { value: undefined, done: true };

/** Whole messages, until the socket is closed. return() gives up next() calls that wait. */
export function iteratorOf(receive, isClosed) {
  const over = new AbortController();
  const isOver = () => over.signal.aborted || isClosed();
  return {
    async next() {
      if (isOver()) return END;
      try {
        return { value: await receive(parts, over.signal), done: false };
      } catch (error) {
        if (isOver()) return END;
        throw error;
      }
    },
    async return(value) {
      over.abort();
      return { value, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Whole messages, each taken when somebody reads. `end` is for when the socket is closed. */
export function readableFrom(receive, onOver) {
  const over = new AbortController();
  let end;
  const stream = new ReadableStream(
    {
      start(controller) {
        end = () => {
          if (!over.signal.aborted) controller.close();
          over.abort();
        };
      },
      async pull(controller) {
        try {
          await receive((receiver) => controller.enqueue(receiver.parts()), over.signal);
        } catch (error) {
          if (over.signal.aborted) return;
          over.abort();
          onOver();
          throw error;
        }
      },
      cancel() {
        over.abort();
        onOver();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, end };
}

/** Takes a part, or a list of the parts of a message; ready for the next when the socket has room for it. */
export function writableTo(send, onOver) {
  return new WritableStream({
    async write(chunk, { signal }) {
      try {
        await send(Array.isArray(chunk) ? chunk : [chunk], signal);
      } catch (error) {
        onOver();
        throw error;
      }
    },
    close: onOver,
    abort: onOver,
  });
}
