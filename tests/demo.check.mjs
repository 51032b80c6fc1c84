// Drives the demo page in headless Chromium against a running demo service and asserts every panel.
//   node tests/demo.check.mjs http://127.0.0.1:8080/        (make demo CHECK=1 does it all)
// Chromium: $CHROMIUM, else `chromium` on PATH. Screenshots go to .cache/screenshots/.
// Nothing here sleeps: every wait is for a condition, and fails after PATIENCE.

import { accessSync, constants, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const base = process.argv[2];
if (!base) {
  console.error('usage: node tests/demo.check.mjs <address of the demo service>, such as http://127.0.0.1:8080/');
  process.exit(2);
}
const PATIENCE = 20_000;
const shots = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '.cache', 'screenshots');
mkdirSync(shots, { recursive: true });

const faults = [];        // console errors, page errors and CSP violations of all pages
let passed = 0;
let failed = 0;

async function check(name, body) {
  try {
    await body();
    passed++;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${name}\n    ${String(error.message ?? error).split('\n').slice(0, 4).join('\n    ')}`);
  }
}

function assert(truth, sentence) {
  if (!truth) throw new Error(sentence);
}

function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const candidate = path.join(folder, name);
      try { accessSync(candidate, constants.X_OK); return candidate; } catch { /* the next one */ }
    }
  }
  throw new Error('no Chromium: set CHROMIUM to its path, or install it (apt-get install chromium)');
}

/** A page of the demo in a context of its own options, its faults noted, its weather frames counted. */
async function open(browserOrContext, options) {
  const context = options ? await browserOrContext.newContext(options) : browserOrContext;
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.frames_ = { received: 0, sent: [] };
  page.on('console', (message) => {
    // Chromium itself logs a refused WebSocket: that is what a cut looks like.
    if (message.type() === 'error' && !message.text().startsWith('WebSocket connection to')) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/zmq/weather/')) return;
    socket.on('framereceived', () => { page.frames_.received++; });
    socket.on('framesent', ({ payload }) => { page.frames_.sent.push(Buffer.from(payload).toString('latin1')); });
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(base);
  return page;
}

// ---- conditions -------------------------------------------------------------------------------

async function until(page, condition, argument) {
  try {
    await page.waitForFunction(condition, argument, { timeout: PATIENCE, polling: 50 });
  } catch (error) {
    const told = argument === undefined ? '' : ` with ${JSON.stringify(argument)}`;
    throw new Error(error.name === 'TimeoutError' ? `in ${PATIENCE / 1000} s never came true: ${condition.toString().replace(/\s+/g, ' ')}${told}` : error.message);
  }
}
const allUp = (page) => until(page, () => document.querySelectorAll('#wires [data-state="up"]').length === 3
  && document.querySelector('#connection-status').dataset.state === 'up');
const number = async (page, selector) => Number((await page.textContent(selector)).replace(/[^\d.]/g, ''));
const rateAtLeast = (page, least) => until(page, (n) => Number(document.querySelector('#rate').textContent) >= n, least);
const rateIs = (page, prefix, test) => until(page, ([p, t]) => {
  const box = document.querySelector(`[data-prefix="${p}"]`);
  const rate = Number(box?.closest('label').querySelector('.rate').dataset.count);
  return t === 'none' ? rate === 0 : rate > 0;
}, [prefix, test]);
const city = (name) => `[data-prefix="weather.${name}"]`;
const CITIES = ['oslo', 'lisbon', 'nairobi', 'tokyo', 'lima', 'sydney'];
const chatHas = (page, nick, text) => until(page, ([n, t]) => [...document.querySelectorAll('#chat-log li')]
  .some((row) => row.querySelector('b')?.textContent === n && row.querySelector('span')?.textContent === t), [nick, text]);
const present = (page, nick, there) => until(page, ([n, yes]) => [...document.querySelectorAll('#present li')]
  .some((item) => item.textContent === n) === yes, [nick, there]);
const events = (page, name) => page.$$eval(`#events [data-event="${name}"]`, (rows) => rows.map((row) => [row.dataset.socket, row.textContent]));
const replies = (page) => page.$$eval('#replies li', (rows) => rows.map((row) => row.textContent));

/** The status of a path that is sent as it stands: fetch would tidy its dots away. */
function statusOf(rawPath) {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: rawPath, timeout: PATIENCE }, (response) => { response.resume(); resolve(response.statusCode); }).on('error', reject).end();
  });
}
async function call(page, nick) {
  await page.fill('#nick', nick);
  await page.press('#nick', 'Enter');
  await present(page, nick, true);
}
async function say(page, text) {
  await page.fill('#line', text);
  await page.press('#line', 'Enter');
}
async function ask(page, text) {
  await page.fill('#question', text);
  await page.press('#question', 'Enter');
}
const answered = (page, start) => until(page, (s) => [...document.querySelectorAll('#replies li')].some((row) => row.textContent.startsWith(s)), start);

// ---- the checks -------------------------------------------------------------------------------

const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const desktop = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' };
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const tag = Math.random().toString(36).slice(2, 6);      // so that another visitor's tabs don't get in the way

let one;
let two;

await check('the service sends the page with its Content-Security-Policy', async () => {
  const response = await fetch(base);
  assert(response.ok, `GET ${base} answered ${response.status}`);
  assert(/script-src 'self' 'wasm-unsafe-eval'/.test(response.headers.get('content-security-policy') ?? ''), 'the header Content-Security-Policy is missing or weaker');
  for (const outside of ['/../Cargo.toml', '/pkg/../Cargo.toml', '/%2e%2e/Cargo.toml', '/nothing-here']) {
    const status = await statusOf(outside);
    assert(status === 404, `GET ${outside} answered ${status}`);
  }
});

await check('three sockets connect and their handshakes succeed', async () => {
  one = await open(browser, desktop);
  await allUp(one);
  for (const type of ['SUB', 'REQ', 'DEALER']) {
    assert((await events(one, 'connected')).some(([socket]) => socket === type), `no 'connected' event of the ${type} socket`);
    assert((await events(one, 'handshake_succeeded')).some(([socket]) => socket === type), `no 'handshake_succeeded' event of the ${type} socket`);
  }
});

await check('publish/subscribe: points arrive and are drawn', async () => {
  await rateAtLeast(one, 25);
  const colours = await one.$eval('#plot', (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
    return seen.size;
  });
  assert(colours > 8, `the chart shows ${colours} colours: it looks empty`);
});

await check('publish/subscribe: an unticked city stops at the publisher', async () => {
  await one.uncheck(city('oslo'));
  await rateIs(one, 'weather.oslo', 'none');
  await rateIs(one, 'weather.lisbon', 'some');
  assert(one.frames_.sent.some((frame) => /(\0\0|CANCEL)weather\.oslo$/.test(frame)), 'no unsubscription of weather.oslo went over the wire');
});

await check('publish/subscribe: with nothing subscribed nothing crosses the wire', async () => {
  for (const name of CITIES) await one.uncheck(city(name));
  await until(one, () => document.querySelector('#rate').textContent === '0');
  const before = one.frames_.received;
  const shown = await one.textContent('#received');
  // A second and more of the publisher's rounds, timed by the page's own rate display on a page that still listens.
  const other = await open(one.context());
  await until(other, () => Number(document.querySelector('#received').textContent.replace(/\D/g, '')) > 60);
  await other.close();
  assert(one.frames_.received === before, `${one.frames_.received - before} frames came after the last unsubscription`);
  assert(await one.textContent('#received') === shown, 'messages were received after the last unsubscription');
});

await check('publish/subscribe: a prefix brings the cities it matches, and no others', async () => {
  await one.fill('#prefix', 'weather.l');
  await one.press('#prefix', 'Enter');
  for (const name of ['lisbon', 'lima']) await rateIs(one, `weather.${name}`, 'some');
  for (const name of ['oslo', 'tokyo']) await rateIs(one, `weather.${name}`, 'none');
  await one.uncheck('[data-prefix="weather.l"]');
  await until(one, () => document.querySelector('#rate').textContent === '0');
  for (const name of ['oslo', 'lisbon', 'nairobi', 'tokyo']) await one.check(city(name));
  await rateAtLeast(one, 25);
});

await check('request/reply: a typed request gets its answer and a round trip time', async () => {
  await ask(one, 'reverse ZeroMQ');
  await answered(one, 'reverse ZeroMQ → QMoreZ');
  const row = (await replies(one)).find((text) => text.startsWith('reverse'));
  assert(/\d+\.\d ms$/.test(row), `no round trip time in "${row}"`);
});

await check('request/reply: 10 and 100 at once each get their own reply', async () => {
  await one.click('#ask-clear');
  for (const count of [10, 100]) {
    await one.click(`#ask-${count}`);
    await until(one, (n) => document.querySelector('#ask-status').textContent.startsWith(`${n} of ${n} requests got their own reply`), count);
  }
  assert((await replies(one)).length === 110, `${(await replies(one)).length} replies are shown, not 110`);
});

await check('request/reply: the distribution shows every round trip, p50 and p99', async () => {
  await until(one, () => document.querySelector('#histogram').dataset.count === '110');
  const [half, most] = [await number(one, '#p50'), await number(one, '#p99')];
  assert(half > 0 && half <= most, `p50 ${half} ms and p99 ${most} ms make no sense`);
  const bars = await one.$$eval('#histogram .bars span', (all) => all.filter((bar) => bar.clientHeight > 0).length);
  assert(bars > 0, 'the histogram has no bars');
});

await check('chat: two tabs see each other and each other\'s lines', async () => {
  two = await open(one.context());
  await allUp(two);
  await call(one, `Ann ${tag}`);
  await call(two, `Bob ${tag}`);
  await present(one, `Bob ${tag}`, true);
  await present(two, `Ann ${tag}`, true);
  await say(one, 'hello Bob <b>&amp;');
  await chatHas(two, `Ann ${tag}`, 'hello Bob <b>&amp;');
  await say(two, 'hello Ann');
  await chatHas(one, `Bob ${tag}`, 'hello Ann');
});

await check('chat: a name that is taken is made unique', async () => {
  await one.fill('#nick', `Bob ${tag}`);
  await one.press('#nick', 'Enter');
  await until(one, (taken) => !['', taken].includes(document.querySelector('#present .me')?.textContent ?? '')
    && document.querySelector('#present .me').textContent.startsWith(taken), `Bob ${tag}`);
  await call(one, `Ann ${tag}`);
});

await check('cut: every socket is disconnected, tells the delay to the next try, and counts it down', async () => {
  await one.evaluate(() => document.querySelector('#events').replaceChildren());
  await one.click('#cut-long');
  await until(one, () => [...document.querySelectorAll('#wires .state')].every((label) => /retry in \d\.\d s|connecting/.test(label.textContent)));
  await one.screenshot({ path: path.join(shots, 'cut.png') });
  // What is said and asked now waits in its socket.
  await say(one, 'said during the cut');
  await ask(one, 'asked during the cut');
  const first = await one.textContent('#wires .state');
  await until(one, (text) => document.querySelector('#wires .state').textContent !== text, first);
  for (const type of ['SUB', 'REQ', 'DEALER']) {
    await until(one, (t) => document.querySelectorAll(`#events [data-socket="${t}"][data-event="connect_retried"]`).length >= 2, type);
    assert((await events(one, 'disconnected')).some(([socket]) => socket === type), `no 'disconnected' event of the ${type} socket`);
    const delays = (await events(one, 'connect_retried')).filter(([socket]) => socket === type).map(([, text]) => Number(/(\d+) ms/.exec(text)?.[1]));
    assert(delays.every((ms) => ms > 0), `the ${type} socket's connect_retried events give the delays ${delays}`);
  }
});

await check('cut: the sockets come back by themselves', async () => {
  await until(one, () => /came back by themselves/.test(document.querySelector('#connection-status').textContent));
  await allUp(one);
  for (const type of ['SUB', 'REQ', 'DEALER']) {
    assert((await events(one, 'handshake_succeeded')).some(([socket]) => socket === type), `no new 'handshake_succeeded' event of the ${type} socket`);
  }
});

await check('cut: every panel goes on, and what was said and asked meanwhile arrives', async () => {
  await rateAtLeast(one, 25);
  await until(one, () => /rounds went by/.test(document.querySelector('#missed').textContent));
  await answered(one, 'asked during the cut → asked during the cut');
  await chatHas(two, `Ann ${tag}`, 'said during the cut');
  await ask(one, 'uptime');
  await answered(one, 'uptime → up ');
  await say(two, 'welcome back');
  await chatHas(one, `Bob ${tag}`, 'welcome back');
  assert((await events(two, 'disconnected')).length === 0, 'the other tab was cut too');
});

await check('cut: without the 3 s it is over at once', async () => {
  await one.evaluate(() => document.querySelector('#events').replaceChildren());
  await one.click('#cut');
  await until(one, () => document.querySelectorAll('#events [data-event="disconnected"]').length === 3);
  await allUp(one);
  await rateAtLeast(one, 25);
});

await check('chat: a closed tab is seen to leave', async () => {
  await two.close();
  await present(one, `Bob ${tag}`, false);
});

await check('keyboard: everything is reached in reading order, named, and visibly focused', async () => {
  const page = await open(browser, desktop);
  await allUp(page);
  const wanted = ['skip', 'python', ...CITIES.map((name) => `weather.${name}`), 'prefix', 'Subscribe', 'cut', 'cut-long', 'events',
    'question', 'Send', 'ask-10', 'ask-100', 'ask-clear', 'replies', 'another', 'nick', 'chat-log', 'line', 'Say'];
  const reached = [];
  for (let i = 0; i < wanted.length; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const focused = document.activeElement;
      const ring = (node) => node && getComputedStyle(node).outlineStyle !== 'none' && parseFloat(getComputedStyle(node).outlineWidth) >= 2;
      return {
        key: focused.dataset.prefix ?? (focused.id || focused.className.replace(/ .*/, '') || focused.textContent),
        text: focused.textContent.trim(),
        name: focused.getAttribute('aria-label') ?? (focused.labels?.[0]?.textContent || focused.textContent).trim(),
        visible: ring(focused) || ring(focused.closest('label')),
      };
    });
    const key = wanted.includes(stop.key) ? stop.key : stop.text;
    assert(stop.name, `"${key}" has no name`);
    assert(stop.visible, `"${key}" does not show that it has the focus`);
    reached.push(key);
  }
  assert(reached.join() === wanted.join(), `the order is ${reached.join(', ')}`);
  // And the panels work from there.
  await page.focus(city('oslo'));
  await page.keyboard.press('Space');
  await rateIs(page, 'weather.oslo', 'none');
  await page.focus('#ask-10');
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelector('#ask-status').textContent.startsWith('10 of 10'));
  await page.context().close();
});

for (const colorScheme of ['light', 'dark']) {
  await check(`looks: ${colorScheme}, on a desktop and on a phone of 360 px, where nothing sticks out`, async () => {
    for (const [name, options] of [['desktop', desktop], ['phone', phone]]) {
      const page = await open(browser, { ...options, colorScheme });
      await allUp(page);
      await page.click('#ask-100');
      await until(page, () => document.querySelector('#ask-status').textContent.startsWith('100 of 100'));
      await until(page, () => Number(document.querySelector('#received').textContent.replace(/\D/g, '')) > 150);
      await page.evaluate(() => scrollTo(0, 0));
      // The dots fly again once the wires are back in view.
      await until(page, (past) => Number(document.querySelector('#received').textContent.replace(/\D/g, '')) > past, await number(page, '#received') + 30);
      await page.screenshot({ path: path.join(shots, `${name}-${colorScheme}.png`) });
      await page.screenshot({ path: path.join(shots, `${name}-${colorScheme}-whole.png`), fullPage: true });
      const out = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth > width) return [`the page is ${document.documentElement.scrollWidth} px wide`];
        return [...document.querySelectorAll('button, input, canvas, .card, .log, h1, p')]
          .filter((node) => !node.closest('.unseen') && (node.getBoundingClientRect().right > width + 0.5 || node.getBoundingClientRect().left < -0.5))
          .map((node) => node.id || node.tagName);
      });
      assert(out.length === 0, `${name}: ${out.join(', ')}`);
      await page.context().close();
    }
  });
}

await check('looks: with reduced motion no animation frame is asked for', async () => {
  const context = await browser.newContext({ ...desktop, reducedMotion: 'reduce' });
  await context.addInitScript(() => {
    const original = window.requestAnimationFrame;
    window.frames_ = 0;
    window.requestAnimationFrame = (run) => { window.frames_++; return original(run); };
  });
  const page = await open(context);
  await rateAtLeast(page, 25);
  assert(await page.evaluate(() => window.frames_) === 0, 'the page asked for animation frames');
  await context.close();
});

// ---- the page for Python ------------------------------------------------------------------------

/** Pyodide takes its time on a busy machine. */
const status = (page, start) => page.waitForFunction((s) => document.querySelector('#status').textContent.startsWith(s), start, { timeout: 3 * PATIENCE, polling: 50 });
const runs = async (page) => { await page.click('#start'); await status(page, 'The program has'); return page.textContent('#output'); };
let python;

await check('Python: it loads, and says how far it is', async () => {
  python = await open(browser, desktop);
  await python.goto(new URL('python.html', base).href);
  assert(/13 MB/.test(await python.textContent('#status')), 'nothing says how much is to be loaded');
  await status(python, 'Python 3.');
  assert(await python.$eval('#progress', (bar) => bar.hidden && bar.value > 0.9), 'the bar did not follow the octets');
});

for (const [name, says] of [
  ['ten_requests', /(request \d\n){10}$/],
  ['subscriber', /(weather\.\w+: \{.*\}\n){5}$/],
  ['request_reply_server', /reply to hello\n$/],
  ['publisher', /(sports: sports report \d+\n){5}$/],
  ['poller', /DEALER: answer to question 3\n$/],
  ['req_and_fetch', /ZeroMQ: hello\nHTTP: 200, \d+ characters\n$/],
]) {
  await check(`Python: ${name}.py runs against the service`, async () => {
    await python.selectOption('#example', name);
    await until(python, (n) => document.querySelector('#source').value.includes(`python ${n}.py`), name);
    const output = await runs(python);
    assert(says.test(output), output);
  });
}

await check('Python: what is typed runs, and errors are tracebacks', async () => {
  await python.fill('#source', 'import zmq\nzmq.Context().socket(zmq.PAIR).connect("tcp://127.0.0.1:1")\n');
  const output = await runs(python);
  assert(/Traceback[^]*line 2, in <module>[^]*zmq\.error\.ZMQError: .*tcp:/.test(output), output);
});

await check('Python: Stop ends what awaits, and what does not', async () => {
  await python.fill('#source', 'import asyncio\nprint("begun")\nasyncio.run(asyncio.sleep(1000))\n');
  await python.click('#start');
  await until(python, () => document.querySelector('#output').textContent.endsWith('begun\n'));
  await python.click('#stop');
  await status(python, 'The program has failed or was stopped');
  await python.fill('#source', 'print("begun")\nwhile True: pass\n');
  await python.click('#start');
  await until(python, () => document.querySelector('#output').textContent.endsWith('begun\n'));
  await python.click('#stop');
  await status(python, 'The program did not listen');
  await status(python, 'Python 3.');
});

await check('Python: the keyboard edits, runs, and leaves the editor', async () => {
  await python.fill('#source', '');
  await python.focus('#source');
  await python.keyboard.type('if True:\nprint("typed")');
  assert(await python.inputValue('#source') === 'if True:\n    print("typed")', await python.inputValue('#source'));
  await python.keyboard.press('Control+Enter');
  await until(python, () => document.querySelector('#output').textContent.endsWith('typed\n'));
  await python.keyboard.press('Escape');
  await python.keyboard.press('Tab');
  assert(await python.evaluate(() => document.activeElement.id) === 'arguments', 'Tab after Esc does not leave the editor');
  await python.context().close();
});

for (const colorScheme of ['light', 'dark']) {
  await check(`Python: looks, ${colorScheme}, on a desktop and on a phone, where nothing sticks out`, async () => {
    for (const [name, options] of [['desktop', desktop], ['phone', phone]]) {
      const page = await open(browser, { ...options, colorScheme });
      await page.goto(new URL('python.html', base).href);
      await until(page, () => document.querySelector('#source').value !== '');
      await page.screenshot({ path: path.join(shots, `python-${name}-${colorScheme}.png`), fullPage: true });
      const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert(width[0] <= width[1], `the page is ${width[0]} px wide`);
      await page.context().close();
    }
  });
}

await check('no console error, uncaught exception or CSP violation on any page', async () => {
  assert(faults.length === 0, [...new Set(faults)].join('\n'));
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
