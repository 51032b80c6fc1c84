// One connection as a picture: a line between two sockets, and a dot for each message on its way.

import { isCalm, surface } from './view.js';

const SPREAD = 10;      // px that the outermost lane flies off the middle
const TRAVEL = 800;     // ms that a dot takes across
const MOST = 90;        // dots on one wire; a burst of more is drawn as these

export class Wire {
  #surface;
  #dots = [];
  #state = 'idle';
  #cutAt = 0;
  #listeners = new Set();

  constructor(canvas) {
    this.#surface = surface(canvas);
  }

  /** The connection is now 'connecting', 'handshake', 'up', 'down' or 'waiting'. */
  turn(state) {
    if (state === this.#state) return;
    if (this.#state === 'up') {
      this.#cutAt = performance.now();
      this.#dots.length = 0;
    }
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  /** Calls `listener(state)` on each change from now on. */
  onState(listener) {
    this.#listeners.add(listener);
  }

  /** Resolves when the connection is up, at once when it is. */
  async up() {
    if (this.#state === 'up') return;
    await new Promise((resolve) => this.onState((state) => { if (state === 'up') resolve(); }));
  }

  /** A message goes out (to the right) or comes in. `lane` (-1 to 1) is how far off the middle it flies. */
  pulse(direction, colour = '--ink', lane = 0) {
    if (this.#state === 'up' && this.#dots.length < MOST && !document.hidden) this.#dots.push({ born: performance.now(), direction, colour, lane });
  }

  draw(now) {
    const { context, width, height, visible } = this.#surface;
    if (!visible) return;
    this.#surface.clear();
    const middle = height / 2;
    this.#line(now, middle);
    while (this.#dots.length && now - this.#dots[0].born > TRAVEL) this.#dots.shift();
    if (isCalm()) return;
    for (const dot of this.#dots) {
      const way = Math.max(0, (now - dot.born) / TRAVEL);
      // The lanes leave one socket together and meet again at the other.
      const y = middle + dot.lane * SPREAD * Math.min(1, 2 * Math.sin(Math.PI * way));
      const x = 3 + (dot.direction === 'out' ? way : 1 - way) * (width - 6);
      context.beginPath();
      context.arc(x, y, 2.6, 0, 2 * Math.PI);
      context.fillStyle = this.#surface.colour(dot.colour);
      context.fill();
    }
  }

  #line(now, y) {
    const { context, width } = this.#surface;
    const colour = (name) => this.#surface.colour(name);
    const piece = (from, to) => {
      context.beginPath();
      context.moveTo(from, y);
      context.lineTo(to, y);
      context.stroke();
    };
    context.lineWidth = 1.5;
    context.setLineDash([]);
    if (this.#state === 'up') {
      context.strokeStyle = colour('--line-strong');
      piece(0, width);
    } else if (this.#state === 'down' || this.#state === 'waiting') {
      // The two ends draw back from the cut.
      const gap = isCalm() ? 1 : Math.min(1, (now - this.#cutAt) / 250);
      context.strokeStyle = colour('--down');
      piece(0, width * (0.5 - 0.14 * gap));
      piece(width * (0.5 + 0.14 * gap), width);
    } else {
      context.strokeStyle = colour('--wait');
      context.setLineDash([5, 5]);
      context.lineDashOffset = isCalm() ? 0 : -now / 30;
      piece(0, width);
      context.setLineDash([]);
    }
  }
}
