// The cases of port:, between two threads of any runtime. `zmq` is the package, and `spawn()` starts threads_worker.mjs.

const text = (bytes) => new TextDecoder().decode(bytes);

function equal(found, wanted, what) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)} in place of ${JSON.stringify(wanted)}`);
  }
}

function fails(call, code, words) {
  try {
    call();
  } catch (error) {
    if (error.code === code && words.test(error.message)) return;
    throw error;
  }
  throw new Error(`nothing was thrown in place of ${code}`);
}

/** The application's own messages from a worker. Those of Node have no events of the DOM's kind. */
function hear(worker, listener) {
  if (worker.on) worker.on('message', listener);
  else worker.addEventListener('message', ({ data }) => listener(data));
}

/** What one case works with: a worker, and a REQ that asks it for deeds. */
class Scene {
  constructor(zmq, worker) {
    this.zmq = zmq;
    this.worker = worker;
    this.context = new zmq.Context();
    this.asking = this.socket('REQ');
    this.asking.connect('port:rep', { port: worker });
  }

  socket(type, options) {
    return this.context.socket(this.zmq[type], { linger: 0, reconnectIvl: 20, ...options });
  }

  async ask(deed, ...rest) {
    await this.asking.sendMultipart([deed, ...rest.map((part) => (ArrayBuffer.isView(part) ? part : String(part)))]);
    return text(await this.asking.recv());
  }
}

const LARGE = 10_000_000;

const CASES = {
  async 'a request and its reply'({ ask }) {
    equal(await ask('echo', 'hello'), 'hello', 'the echo');
    equal(await ask('echo', ''), '', 'nothing');
  },

  async 'memory that is given away goes over as it is, and comes back'({ asking }) {
    const body = new Uint8Array(LARGE).map((_, at) => at % 251);
    const { buffer } = body;
    await asking.sendMultipart(['echo', body], 0, { copy: false });
    const received = await asking.recv();
    equal([body.length, buffer.byteLength], [0, 0], 'what is left with the sender');
    equal([received.length, received.buffer.byteLength], [LARGE, LARGE], 'what came back');
    if (received.some((octet, at) => octet !== at % 251)) throw new Error('the octets are others');
  },

  async 'what is not given away stays'({ asking, socket }) {
    const buffer = new ArrayBuffer(LARGE);
    const part = new Uint8Array(buffer, 5, LARGE - 10).fill(3);
    for (const options of [{ copy: true }, { copy: false }]) {
      await asking.sendMultipart(['measure', part], 0, options);
      equal(text(await asking.recv()), String(LARGE - 10), 'the length');
      equal([part.length, part[0], buffer.byteLength], [LARGE - 10, 3, LARGE], 'what is left');
    }
  },

  async 'what one receiver has is not taken away for another'({ socket }) {
    const { port1, port2 } = new MessageChannel();
    const publisher = socket('XPUB', { xpubVerbose: true });
    await publisher.bind('inproc://near');
    await publisher.bind('port:far', { port: port1 });
    const [near, far] = [socket('SUB', { subscribe: '' }), socket('SUB', { subscribe: '' })];
    near.connect('inproc://near');
    await publisher.recv();
    far.connect('port:far', { port: port2 });
    await publisher.recv();
    // By inproc:// a receiver that waits has the very memory, before it is the other's turn.
    const receiving = near.recv();
    await publisher.send(new Uint8Array(LARGE).fill(8), 0, { copy: false });
    const received = [await receiving, await far.recv()];
    equal(received.map((body) => [body.length, body[LARGE - 1]]), [[LARGE, 8], [LARGE, 8]], 'what came');
    port1.close();
  },

  async 'PUB and SUB'({ ask, socket, worker }) {
    const sub = socket('SUB', { subscribe: 'sport' });
    sub.connect('port:news', { port: worker });
    equal(await ask('publish', 'weather', 'sports'), 'published', 'publishing');
    equal((await sub.recvMultipart()).map(text), ['sports', 'news'], 'the news');
  },

  async 'ROUTER and DEALER, with a routing id'({ socket, worker }) {
    const dealer = socket('DEALER', { routingId: 'me' });
    dealer.connect('port:router', { port: worker });
    for (let number = 0; number < 100; number += 1) dealer.send(String(number));
    for (let number = 0; number < 100; number += 1) equal(await dealer.recvString(), String(number), 'the answer');
  },

  async 'a slow PULL holds its PUSH back'({ ask, socket, worker }) {
    const pull = socket('PULL', { rcvhwm: 5 });
    await pull.bind('port:jobs', { port: worker });
    for (const [count, size, most] of [[5000, 16, 1100], [100, 100_000, 40]]) {
      equal(await ask('push', count, size), 'begun', 'pushing');
      for (let turn = 0; turn < 50; turn += 1) {
        const pushed = Number(await ask('pushed'));
        if (pushed > most) throw new Error(`${pushed} messages of ${size} octets have gone, and nobody takes them`);
      }
      for (let number = 0; number < count; number += 1) {
        const job = await pull.recv();
        equal([job.length, job[0]], [size, number % 256], 'the job');
      }
    }
  },

  async 'what came before the end is received'({ ask, socket, worker }) {
    const pull = socket('PULL', { rcvhwm: 5 });
    await pull.bind('port:jobs', { port: worker });
    await ask('push', 200, 16);
    // They fit under way. Its sender closes its socket when the last has gone.
    while ((await ask('pushed')) !== '200');
    equal(await ask('echo', 'more'), 'more', 'the echo');
    for (let number = 0; number < 200; number += 1) equal((await pull.recv())[0], number, 'the job');
  },

  async "the application's own messages"({ ask, worker }) {
    const said = [];
    const back = new Promise((resolve) => {
      hear(worker, (data) => {
        said.push(data);
        if (data === 'said back') resolve();
      });
    });
    equal(await ask('echo', 'x'), 'x', 'the echo');
    worker.postMessage('say it back');
    await back;
    equal(said.filter((data) => data?.['zmq-wasm'] === undefined), ['said back'], 'what the worker said');
    equal(await ask('own'), '["say it back"]', 'what the worker heard');
  },

  async 'garbage harms nobody'({ ask, worker }) {
    equal(await ask('echo', 'there'), 'there', 'the echo');
    const garbage = [null, 5, {}, { 'zmq-wasm': 5 }, { 'zmq-wasm': 'port:rep' }, { 'zmq-wasm': 'port:rep', port: 'none' }];
    for (const data of garbage) worker.postMessage(data);
    const bytes = new Uint8Array(3);
    for (const first of [[], [1 << 20]]) {
      for (const data of ['text', {}, [1], [0, 'text'], [9n, bytes], [9, bytes], [{}, bytes], [0, bytes]]) {
        const { port1, port2 } = new MessageChannel();
        worker.postMessage({ 'zmq-wasm': 'port:rep', port: port2 }, [port2]);
        const hungUp = new Promise((resolve) => (port1.onmessage = ({ data }) => data[0] === null && resolve()));
        for (const message of [...first, data]) port1.postMessage(message);
        await hungUp;
        port1.close();
      }
    }
    equal(await ask('echo', 'still there'), 'still there', 'the echo');
  },

  async 'a worker that is terminated is missed'({ ask, asking, worker }) {
    asking.set(this.zmq.HEARTBEAT_IVL, 100);
    asking.disconnect('port:rep');
    asking.connect('port:rep', { port: worker });
    equal(await ask('echo', 'x'), 'x', 'the echo');
    const monitor = asking.monitor(this.zmq.EVENT_DISCONNECTED);
    worker.terminate();
    for await (const { name } of monitor) {
      equal(name, 'disconnected', 'the event');
      break;
    }
  },

  async 'who connects before there is anybody'({ socket }) {
    const { port1, port2 } = new MessageChannel();
    // It never dials a second time by itself.
    const [early, late] = [socket('PAIR', { reconnectIvl: -1 }), socket('PAIR')];
    early.connect('port:late', { port: port1 });
    await early.send('early');
    equal(await late.bind('port:late', { port: port2 }), 'port:late', 'the endpoint');
    equal(await late.recvString(), 'early', 'the message');
    await late.send('late');
    equal(await early.recvString(), 'late', 'the answer');
    early.close();
    late.close();
    port1.close();
  },

  async 'more ports for one name, and none'({ socket, zmq }) {
    const channels = [new MessageChannel(), new MessageChannel()];
    const pull = socket('PULL');
    for (const { port1 } of channels) await pull.bind('port:all', { port: [port1] });
    const pushes = channels.map(({ port2 }) => {
      const push = socket('PUSH');
      push.connect('port:all', { port: port2 });
      return push;
    });
    for (const push of pushes) {
      await push.send('one');
      equal(await pull.recvString(), 'one', 'the message');
    }
    const other = socket('PULL');
    const taken = await other.bind('port:all', { port: channels[0].port1 }).catch((error) => error);
    equal([taken instanceof zmq.ZMQBindError, taken.code], [true, 'EADDRINUSE'], 'what is bound');
    await pull.unbind('port:all');
    await other.bind('port:all', { port: channels[0].port1 });
    for (const { port1 } of channels) port1.close();
  },

  async 'what is no port is refused'({ socket }) {
    const pair = socket('PAIR');
    // Bun's global object has all that a port has.
    for (const port of [5, {}, 'port', null, { port: {} }, globalThis.Bun ? 5 : globalThis]) {
      fails(() => pair.connect('port:x', { port }), 'EINVAL', /is a Worker, SharedWorker or MessagePort/);
      const error = await pair.bind('port:x', { port }).catch((error) => error);
      fails(() => { throw error; }, 'EINVAL', /MessagePort/);
    }
    fails(() => pair.connect('port:x'), 'EINVAL', /is a Worker, SharedWorker or MessagePort/);
    const { port1 } = new MessageChannel();
    for (const endpoint of ['port:', 'port:a b', `port:${'x'.repeat(256)}`]) {
      fails(() => pair.connect(endpoint, { port: port1 }), 'EINVAL', /endpoint/);
      const error = await pair.bind(endpoint, { port: port1 }).catch((error) => error);
      fails(() => { throw error; }, 'EINVAL', /endpoint/);
    }
    port1.close();
  },
};

/** The cases: each with a worker of its own. */
export const cases = Object.entries(CASES).map(([name, run]) => ({
  name,
  async run({ zmq, spawn }) {
    const scene = new Scene(zmq, spawn());
    for (const method of ['ask', 'socket']) scene[method] = scene[method].bind(scene);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('not done after half a minute')), 30_000);
    });
    try {
      await Promise.race([run.call(scene, scene), late]);
    } finally {
      clearTimeout(timer);
      await scene.context.destroy(0);
      await scene.worker.terminate();
    }
  },
}));
