// The worker of all tabs: its XSUB has the one WebSocket, by which each subscription of theirs goes once.
// A static import: behind an await the first tab's `connect` event would be missed.
import { Context, XPUB, XSUB, proxy } from '../../../pkg/zmq-wasm.js';

const context = new Context();
const service = context.socket(XSUB);
// A tab that can't say goodbye, since it crashed or is frozen, is missed; one that wakes up connects again.
const tabs = context.socket(XPUB, { heartbeatIvl: 10_000 });
service.connect(new URLSearchParams(location.search).get('service'));
tabs.bind('port:news');
proxy(service, tabs);
