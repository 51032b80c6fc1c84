// One animation loop for everything on the page that moves, and canvases that fit their boxes.

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');
const jobs = new Set();
let waiting = 0;

/** True where the visitor asked for little motion: pictures then step twice a second. */
export const isCalm = () => calm.matches;

/** Calls `draw(now)` on each animation frame (twice a second where little motion is asked for). */
export function everyFrame(draw) {
  jobs.add(draw);
  if (jobs.size === 1) next();
}

function next() {
  const run = () => {
    const now = performance.now();
    for (const draw of jobs) draw(now);
    next();
  };
  waiting = calm.matches ? setTimeout(run, 500) : requestAnimationFrame(run);
}
calm.addEventListener('change', () => {
  clearTimeout(waiting);
  cancelAnimationFrame(waiting);
  if (jobs.size) next();
});

/**
 * A canvas that keeps the size of its box at the screen's own resolution.
 * `colour(name)` reads a custom property of style.css, again whenever light turns to dark.
 */
export function surface(canvas) {
  const context = canvas.getContext('2d');
  const colours = new Map();
  const self = {
    context, width: 0, height: 0, visible: true,
    colour(name) {
      if (!colours.has(name)) colours.set(name, getComputedStyle(canvas).getPropertyValue(name).trim());
      return colours.get(name);
    },
    clear() {
      context.clearRect(0, 0, self.width, self.height);
    },
  };
  const fit = () => {
    const scale = Math.min(devicePixelRatio || 1, 3);
    self.width = canvas.clientWidth;
    self.height = canvas.clientHeight;
    canvas.width = Math.round(self.width * scale);
    canvas.height = Math.round(self.height * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
  };
  new ResizeObserver(fit).observe(canvas);
  new IntersectionObserver(([entry]) => { self.visible = entry.isIntersecting; }).observe(canvas);
  dark.addEventListener('change', () => colours.clear());
  fit();
  return self;
}

/** A new element with text in it. Everything that came over the wire gets onto the page through here. */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Adds a row to a log, keeps at most `limit` rows, and follows the end unless the reader scrolled away from it. */
export function addRow(log, row, limit = 200) {
  const following = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(row);
  while (log.childElementCount > limit) log.firstElementChild.remove();
  if (following) log.scrollTop = log.scrollHeight;
}
