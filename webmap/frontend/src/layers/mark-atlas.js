/**
 * Pictures of marks, drawn by this page out of its own icons: a device is round, a facility square. Solid and grey is as it should
 * be; hollow with a dashed rim is late or damaged; hollow with a cross is lost or missing; hollow and dotted was never heard of.
 */
import { EIGHTHS } from '../devices/device-groups.js';
import { svg } from '../panels/icons.js';
import { tokenColor } from '../map/token-colors.js';

/** Pixels of one picture, of which a rim stays empty. */
const CELL = 88;
const RADIUS = 34;

/** Units of the box in which icons are drawn. */
const BOX = 24;

const ROWS = 12;

const css = (name, opacity = 1) => `rgb(${tokenColor(name).join(' ')} / ${opacity})`;

const paths = new Map();

/** An icon as lines to draw in a box of 24 by 24. */
function iconPath(name) {
  if (!paths.has(name)) {
    const path = new Path2D();
    for (const element of svg(name).querySelectorAll('path, circle, ellipse, rect, line, polyline, polygon')) add(path, element);
    paths.set(name, path);
  }
  return paths.get(name);
}

function add(path, element) {
  const [get, part] = [(name) => Number(element.getAttribute(name) ?? 0), new Path2D(element.getAttribute('d') ?? '')];
  const points = (element.getAttribute('points') ?? '').split(/[\s,]+/).filter(Boolean).map(Number);
  if (element.tagName === 'circle') part.arc(get('cx'), get('cy'), get('r'), 0, 2 * Math.PI);
  if (element.tagName === 'ellipse') part.ellipse(get('cx'), get('cy'), get('rx'), get('ry'), 0, 0, 2 * Math.PI);
  if (element.tagName === 'rect') part.roundRect(get('x'), get('y'), get('width'), get('height'), get('rx') || get('ry'));
  if (element.tagName === 'line') {
    part.moveTo(get('x1'), get('y1'));
    part.lineTo(get('x2'), get('y2'));
  }
  for (let at = 0; at < points.length; at += 2) part[at ? 'lineTo' : 'moveTo'](points[at], points[at + 1]);
  if (element.tagName === 'polygon') part.closePath();
  path.addPath(part);
}

/** The outline of a mark around the middle of its picture. */
function outline(square, radius) {
  const path = new Path2D();
  const side = radius * 0.9;
  if (square) path.roundRect(CELL / 2 - side, CELL / 2 - side, 2 * side, 2 * side, radius * 0.24);
  else path.arc(CELL / 2, CELL / 2, radius, 0, 2 * Math.PI);
  return path;
}

/** What differs by how much is wrong, in the order of `rankOf`: nothing, not known, late or damaged, lost or missing. */
const LOOKS = [
  { fill: 'mark-solid', rim: 'mark-rim', sign: 'mark-sign', width: 3, dash: [] },
  { fill: 'mark-hollow', rim: 'mark-rim', sign: 'mark-rim', width: 5, dash: [2, 9], cap: 'round' },
  { fill: 'mark-hollow', rim: 'late', sign: 'late', width: 6, dash: [17, 9.7] },
  { fill: 'mark-hollow', rim: 'lost', sign: 'lost', width: 6, dash: [], crossed: true },
];

function drawSingle(context, { square, rank, icon }) {
  const { fill, rim, sign, width, dash, cap = 'butt', crossed } = LOOKS[rank];
  const path = outline(square, RADIUS);
  context.fillStyle = css(fill);
  context.fill(path);
  context.save();
  const size = RADIUS * 1.14;
  context.translate(CELL / 2 - size / 2, CELL / 2 - size / 2);
  context.scale(size / BOX, size / BOX);
  Object.assign(context, { strokeStyle: css(sign), lineWidth: 2.3, lineCap: 'round', lineJoin: 'round' });
  context.stroke(iconPath(icon));
  context.restore();
  Object.assign(context, { strokeStyle: css(rim), lineWidth: width, lineCap: cap });
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
  if (crossed) drawCross(context);
}

/** A cross in a corner, big enough to be seen on a wall. */
function drawCross(context) {
  const [x, y, radius, arm] = [CELL - 21, CELL - 21, 18, 8];
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = css('lost');
  context.fill();
  Object.assign(context, { strokeStyle: css('mark-hollow'), lineWidth: 4 });
  context.stroke();
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x - arm, y - arm * side);
    context.lineTo(x + arm, y + arm * side);
  }
  Object.assign(context, { lineWidth: 5.5, lineCap: 'round' });
  context.stroke();
}

/** A ring of eighths: lost ones thick, late ones with gaps, all others thin. The number stands in its middle. */
function drawRing(context, { square, lost, late }) {
  context.fillStyle = css('mark-hollow', 0.94);
  context.fill(outline(square, RADIUS + 3));
  Object.assign(context, { strokeStyle: css('mark-rim'), lineWidth: 3, lineCap: 'butt' });
  context.stroke(outline(square, RADIUS + 3));
  const part = (from, to, color, width, dash) => {
    if (from === to) return;
    const turn = (eighths) => -Math.PI / 2 + (eighths / EIGHTHS) * 2 * Math.PI;
    context.beginPath();
    context.arc(CELL / 2, CELL / 2, RADIUS + 2, turn(from), turn(to));
    Object.assign(context, { strokeStyle: css(color), lineWidth: width });
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  };
  part(0, lost, 'lost', 11, []);
  part(lost, lost + late, 'late', 8, [8, 5]);
}

function drawChosen(context, { square }) {
  Object.assign(context, { strokeStyle: css('chosen'), lineWidth: 5 });
  context.stroke(outline(square, RADIUS + 7));
}

const DRAW = { single: drawSingle, ring: drawRing, chosen: drawChosen };

export class MarkAtlas {
  #looks = new Map();

  /** One canvas with all pictures, a new one when another has come; `mapping` as deck.gl's IconLayer takes it. */
  canvas = null;
  mapping = {};

  /** Have these pictures: `{ kind: 'single' | 'ring' | 'chosen', … }` by name. */
  need(looks) {
    const missing = [...looks].filter(([name]) => !this.#looks.has(name));
    if (missing.length === 0 && this.canvas) return;
    for (const [name, look] of missing) this.#looks.set(name, look);
    this.#draw();
  }

  /** The page has taken on other colours. */
  redraw() {
    if (this.canvas) this.#draw();
  }

  #draw() {
    const across = Math.ceil(this.#looks.size / ROWS) || 1;
    const canvas = Object.assign(document.createElement('canvas'), { width: across * CELL, height: ROWS * CELL });
    const context = canvas.getContext('2d');
    const mapping = {};
    [...this.#looks].forEach(([name, look], index) => {
      const [x, y] = [Math.floor(index / ROWS) * CELL, (index % ROWS) * CELL];
      context.save();
      context.translate(x, y);
      DRAW[look.kind](context, look);
      context.restore();
      mapping[name] = { x, y, width: CELL, height: CELL, mask: false };
    });
    Object.assign(this, { canvas, mapping });
  }
}
