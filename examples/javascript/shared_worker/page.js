// A tab: shows the news of a topic, which come by the WebSocket that it shares with the other tabs.
//   index.html?service=ws://127.0.0.1:5556&topic=weather     where a PUB is bound
import { Context, SUB } from '../../../pkg/zmq-wasm.js';

const query = new URLSearchParams(location.search);
const service = query.get('service') ?? 'ws://127.0.0.1:5556';
// Tabs that name the same address have the same worker.
const port = new SharedWorker(`worker.js?service=${encodeURIComponent(service)}`, { type: 'module' });

const socket = new Context().socket(SUB);
socket.connect('port:news', { port });
socket.subscribe(query.get('topic') ?? '');
// Browsers don't tell the worker when a tab goes.
addEventListener('pagehide', ({ persisted }) => persisted || socket.close(0));

const text = new TextDecoder();
for await (const parts of socket) {
  const item = document.createElement('li');
  item.textContent = parts.map((part) => text.decode(part)).join(': ');
  document.querySelector('ul').append(item);
}
