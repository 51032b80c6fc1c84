// SUB: subscribes to cities or to any prefix, and draws what arrives.

import { Plot } from './plot.js';
import { element, everyFrame } from './view.js';

const CITIES = ['oslo', 'lisbon', 'nairobi', 'tokyo', 'lima', 'sydney'];
const AT_FIRST = new Set(['oslo', 'lisbon', 'nairobi', 'tokyo']);
const MOST_FILTERS = 12;
const decoder = new TextDecoder();
const $ = (id) => document.getElementById(id);

export async function weatherPanel(socket, wire) {
  const plot = new Plot($('plot'));
  const filters = new Map();      // prefix -> {box, rate}
  const arrivals = [];            // {at, topic} of the last second
  const topics = [];              // in order of appearance, for the colours
  let received = 0;
  let round = 0;                  // the publisher's count in the last message
  let lostAt;                     // that count when the connection went

  function subscribe(prefix, on) {
    if (on) socket.subscribe(prefix);
    else socket.unsubscribe(prefix);
  }

  function addFilter(prefix, name, on) {
    const label = element('label', 'filter');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = on;
    box.dataset.prefix = prefix;
    box.addEventListener('change', () => subscribe(prefix, box.checked));
    const swatch = element('span', 'swatch');
    const city = CITIES.indexOf(name);
    if (city >= 0) swatch.dataset.colour = String(city);
    else label.classList.add('prefix');
    const rate = element('span', 'rate', '0/s');
    rate.setAttribute('aria-hidden', 'true');
    label.append(box, swatch, element('span', 'name', city >= 0 ? capital(name) : name), rate);
    $('filters').append(label);
    filters.set(prefix, { box, rate });
    if (on) subscribe(prefix, true);
    return box;
  }

  for (const city of CITIES) addFilter(`weather.${city}`, city, AT_FIRST.has(city));

  $('add-filter').addEventListener('submit', (event) => {
    event.preventDefault();
    const prefix = $('prefix').value.trim();
    const known = filters.get(prefix);
    if (known) {
      if (!known.box.checked) known.box.click();
      known.box.focus();
    } else if (filters.size < MOST_FILTERS) {
      addFilter(prefix, prefix ? `${prefix}*` : 'everything', true);
      $('prefix').value = '';
    }
  });

  function showRates() {
    const now = performance.now();
    while (arrivals.length && now - arrivals[0].at > 1000) arrivals.shift();
    $('rate').textContent = String(arrivals.length);
    $('received').textContent = received.toLocaleString('en');
    for (const [prefix, { rate }] of filters) {
      const count = arrivals.reduce((sum, { topic }) => sum + Number(topic.startsWith(prefix)), 0);
      rate.textContent = `${count}/s`;
      rate.dataset.count = String(count);
    }
  }
  setInterval(showRates, 250);
  everyFrame((now) => plot.draw(now));

  wire.onState((state) => {
    if (state === 'down' && arrivals.length && performance.now() - arrivals.at(-1).at < 1000) lostAt = round;
  });

  for await (const [topicFrame, body] of socket) {
    const now = performance.now();
    const topic = decoder.decode(topicFrame);
    const { celsius, n } = JSON.parse(decoder.decode(body));
    let index = CITIES.indexOf(topic.slice(topic.indexOf('.') + 1));
    if (index < 0) index = topics.includes(topic) ? topics.indexOf(topic) : topics.push(topic) - 1;
    const colour = `--series-${index % CITIES.length}`;
    if (lostAt !== undefined) {
      const missed = n - lostAt - 1;
      $('missed').textContent = missed > 0 ? `${missed} of the publisher's rounds went by while the connection was cut: PUB waits for nobody.` : '';
      lostAt = undefined;
    }
    round = n;
    received++;
    arrivals.push({ at: now, topic });
    plot.add(topic, capital(topic.slice(topic.indexOf('.') + 1)), colour, celsius, now);
    wire.pulse('in', colour, lane(index % CITIES.length));
  }
}

/** Lanes from the middle outwards, above and below in turn. */
function lane(index) {
  return (index % 2 ? 1 : -1) * (2 * Math.floor(index / 2) + 1) / (CITIES.length - 1);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
