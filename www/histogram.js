// The distribution of round trip times, on a logarithmic scale.

import { element } from './view.js';

const PER_DECADE = 10;
const LEAST = 0.1;            // ms: what a browser's clock can tell apart
const DECADES = 5;            // up to 10 s
const MOST_SAMPLES = 1000;

export class Histogram {
  #samples = [];
  #box;
  #p50;
  #p99;
  #drawn = true;

  constructor(box, p50, p99) {
    this.#box = box;
    this.#p50 = p50;
    this.#p99 = p99;
    this.#draw();
  }

  add(ms) {
    this.#samples.push(ms);
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
    // A burst of a hundred replies is drawn once.
    if (!this.#drawn) return;
    this.#drawn = false;
    setTimeout(() => this.#draw(), 50);
  }

  clear() {
    this.#samples.length = 0;
    this.#draw();
  }

  #draw() {
    this.#drawn = true;
    const sorted = this.#samples.toSorted((a, b) => a - b);
    const counts = new Array(DECADES * PER_DECADE).fill(0);
    for (const ms of sorted) counts[bin(ms)]++;
    // Whole decades around what was measured, two at the least.
    const from = sorted.length ? Math.floor(bin(sorted[0]) / PER_DECADE) : 0;
    const to = sorted.length ? Math.max(from + 2, Math.floor(bin(sorted.at(-1)) / PER_DECADE) + 1) : 3;
    const most = Math.max(1, ...counts);
    const bars = element('div', 'bars');
    const p99 = sorted.length ? bin(quantile(sorted, 0.99)) : Infinity;
    for (let i = from * PER_DECADE; i < to * PER_DECADE; i++) {
      const bar = element('span', i > p99 ? 'tail' : '');
      bar.style.setProperty('height', `${counts[i] ? Math.max(4, counts[i] / most * 100) : 0}%`);
      bars.append(bar);
    }
    const axis = element('div', 'axis');
    for (let decade = from; decade <= to; decade++) axis.append(element('span', '', scale(LEAST * 10 ** decade)));
    this.#box.replaceChildren(bars, axis);

    const [half, most99] = [0.5, 0.99].map((share) => (sorted.length ? `${quantile(sorted, share).toFixed(1)} ms` : '–'));
    this.#p50.textContent = half;
    this.#p99.textContent = most99;
    this.#box.dataset.count = String(sorted.length);
    this.#box.setAttribute('aria-label', sorted.length
      ? `Distribution of ${sorted.length} round trips: half took at most ${half}, 99 in 100 at most ${most99}`
      : 'No round trips measured yet');
  }
}

function bin(ms) {
  const place = Math.floor(Math.log10(Math.max(ms, LEAST) / LEAST) * PER_DECADE);
  return Math.min(place, DECADES * PER_DECADE - 1);
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

function scale(ms) {
  return ms < 1000 ? `${Number(ms.toPrecision(2))} ms` : `${ms / 1000} s`;
}
