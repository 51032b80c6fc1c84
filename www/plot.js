// The chart: one line per topic over the last seconds, and under it the traffic, on the same time axis.

import { isCalm, surface } from './view.js';

const BEHIND = 150;       // ms that the picture is behind, so that the next point is there before its place is drawn
const GAP = 600;          // ms without a message: the line is broken off
const BUCKET = 500;       // ms per bar of the traffic strip
const STRIP = 34;         // px, height of the traffic strip

export class Plot {
  #surface;
  #series = new Map();    // topic -> {name, colour, points: [{at, value}]}
  #buckets = [];          // [{start, count}]
  #low = 0;
  #high = 30;
  #fresh = true;          // nothing drawn yet: the scale jumps instead of gliding

  constructor(canvas) {
    this.#surface = surface(canvas);
  }

  get #window() {
    return this.#surface.width > 560 ? 20_000 : 12_000;
  }

  add(topic, name, colour, value, at) {
    let series = this.#series.get(topic);
    if (!series) this.#series.set(topic, series = { name, colour, points: [] });
    series.points.push({ at, value });
    // Cut off in chunks: shifting the array for each point would cost more than it frees.
    if (series.points.length > 600) series.points.splice(0, 200);
    const start = at - at % BUCKET;
    const last = this.#buckets.at(-1);
    if (last?.start === start) last.count++;
    else this.#buckets.push({ start, count: 1 });
    if (this.#buckets.length > 100) this.#buckets.splice(0, 40);
  }

  draw(now) {
    const { context, width, height, visible } = this.#surface;
    if (!visible || width < 80) return;
    this.#surface.clear();
    const wide = width > 560;
    const area = { left: 30, right: width - (wide ? 108 : 88), top: 8, bottom: height - STRIP - 28 };
    const end = now - BEHIND;
    const x = (at) => area.right - (end - at) / this.#window * (area.right - area.left);
    context.font = `${wide ? 12 : 11}px system-ui, sans-serif`;
    context.lineJoin = 'round';
    const shown = [...this.#series.values()].filter((series) => series.points.length && x(series.points.at(-1).at) > area.left);
    this.#scale(shown, end);
    const y = (value) => area.bottom - (value - this.#low) / (this.#high - this.#low) * (area.bottom - area.top);
    this.#grid(area, y);
    this.#traffic(area, x, height);
    const labels = [];
    for (const series of shown) labels.push(this.#line(series, area, x, y, end));
    this.#labels(labels.filter(Boolean), area);
    if (!shown.length) {
      context.fillStyle = this.#surface.colour('--dim');
      context.textAlign = 'center';
      context.fillText('nothing subscribed, nothing received', (area.left + area.right) / 2, (area.top + area.bottom) / 2);
      context.textAlign = 'left';
    }
  }

  /** Glides towards a scale that holds every point on view. */
  #scale(shown, end) {
    let low = Infinity;
    let high = -Infinity;
    for (const { points } of shown) {
      for (const { at, value } of points) {
        if (end - at > this.#window) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    if (low > high) return;
    const room = Math.max(1, (high - low) * 0.08);
    const share = this.#fresh || isCalm() ? 1 : 0.08;
    this.#low += (low - room - this.#low) * share;
    this.#high += (high + room - this.#high) * share;
    this.#fresh = false;
  }

  #grid(area, y) {
    const { context } = this.#surface;
    const span = this.#high - this.#low;
    const step = [1, 2, 5, 10, 20, 50].find((size) => span / size <= 6) ?? 100;
    context.strokeStyle = this.#surface.colour('--line');
    context.fillStyle = this.#surface.colour('--dim');
    context.lineWidth = 1;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (let value = Math.ceil(this.#low / step) * step; value <= this.#high; value += step) {
      const at = Math.round(y(value)) + 0.5;
      context.beginPath();
      context.moveTo(area.left, at);
      context.lineTo(area.right, at);
      context.stroke();
      context.fillText(degrees(value, 0), area.left - 6, at);
    }
    context.textAlign = 'left';
  }

  /** Draws the line up to `end`; gives its label, or nothing when it is out of sight. */
  #line(series, area, x, y, end) {
    const { context } = this.#surface;
    const { points } = series;
    const colour = this.#surface.colour(series.colour);
    let first = points.length - 1;
    while (first > 0 && x(points[first].at) > area.left) first--;
    // Where the line ends: between the last two points around `end`, or at the last one there is.
    let last = points.length - 1;
    while (last > 0 && points[last].at > end) last--;
    const after = points[last + 1];
    const tip = { at: points[last].at, value: points[last].value };
    if (after && after.at - tip.at < GAP && end > tip.at) {
      tip.value += (after.value - tip.value) * (end - tip.at) / (after.at - tip.at);
      tip.at = end;
    }
    const live = end - tip.at < GAP;

    context.save();
    context.beginPath();
    context.rect(area.left, 0, area.right - area.left + 1, area.bottom + 4);
    context.clip();
    context.beginPath();
    for (let i = first; i <= last; i++) {
      const { at, value } = points[i];
      if (i === first || at - points[i - 1].at > GAP) context.moveTo(x(at), y(value));
      else context.lineTo(x(at), y(value));
    }
    context.lineTo(x(tip.at), y(tip.value));
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.globalAlpha = live ? 1 : 0.5;
    context.stroke();
    context.restore();
    return { text: series.name, value: tip.value, colour, live, x: Math.min(x(tip.at), area.right), y: y(tip.value), at: 0 };
  }

  /** Names at the ends of the lines, pushed apart where they would overlap. */
  #labels(labels, area) {
    const { context } = this.#surface;
    labels.sort((a, b) => a.y - b.y);
    let floor = area.top + 4;
    for (const label of labels) {
      label.at = Math.max(label.y, floor);
      if (label.live) floor = label.at + 15;
    }
    let ceiling = area.bottom;
    for (const label of labels.toReversed()) {
      label.at = Math.min(label.at, ceiling);
      if (label.live) ceiling = label.at - 15;
    }
    for (const { text, value, colour, live, x, y, at } of labels) {
      context.globalAlpha = live ? 1 : 0.6;
      context.fillStyle = colour;
      context.beginPath();
      context.arc(x, y, live ? 3.5 : 2.5, 0, 2 * Math.PI);
      context.fill();
      context.fillStyle = this.#surface.colour(live ? '--ink' : '--dim');
      context.fillText(live ? `${text} ${degrees(value, 1)}` : text, x + 9, at);
    }
    context.globalAlpha = 1;
  }

  #traffic(area, x, height) {
    const { context, width } = this.#surface;
    const base = height - 16;
    const most = Math.max(10, ...this.#buckets.map((bucket) => bucket.count));
    context.save();
    context.beginPath();
    context.rect(area.left, 0, area.right - area.left, height);
    context.clip();
    context.fillStyle = this.#surface.colour('--traffic');
    const wide = BUCKET / this.#window * (area.right - area.left);
    for (const { start, count } of this.#buckets) {
      const tall = count / most * (STRIP - 4);
      context.fillRect(x(start) + 0.5, base - tall, wide - 1.5, tall);
    }
    context.restore();
    context.strokeStyle = this.#surface.colour('--line-strong');
    context.beginPath();
    context.moveTo(area.left, base + 0.5);
    context.lineTo(area.right, base + 0.5);
    context.stroke();
    context.fillStyle = this.#surface.colour('--dim');
    context.textBaseline = 'alphabetic';
    context.fillText('traffic', area.right + 9, base - 2);
    context.fillText(`${-this.#window / 1000} s`.replace('-', '−'), area.left, height - 2);
    context.textAlign = 'right';
    context.fillText('now', Math.min(area.right, width), height - 2);
    context.textAlign = 'left';
    context.textBaseline = 'middle';
  }
}

function degrees(value, digits) {
  return `${value.toFixed(digits)}°`.replace('-', '−').replace(/^−(0(\.0)?°)$/, '$1');
}
