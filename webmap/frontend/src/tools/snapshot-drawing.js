/** What a picture of the map is completed by: marks, head, legends, scale. Everything in CSS pixels times `ratio`. */
import { number } from '../format.js';
import { FONTS } from '../map/style.js';
import { SHAPES } from '../panels/icons.js';

/** The value of a token of tokens.css in the style that the page has now. */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Pixels of a rem, as the page has it. */
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

function text(context, words, x, y, { size, color = token('text'), align = 'left', weight = 400 }) {
  context.font = `${weight} ${size}px ${FONTS}`;
  context.fillStyle = color;
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.fillText(words, x, y);
  return context.measureText(words).width;
}

function box(context, x, y, width, height, radius) {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fillStyle = token('panel');
  context.fill();
  context.strokeStyle = token('line-strong');
  context.stroke();
}

/** Marks of alarms by their shapes, and what stands beside measured and found places. */
export function drawSigns(context, ratio) {
  for (const mark of document.querySelectorAll('#alarm-marks:not([hidden]) .alarm-mark')) {
    const shape = mark.querySelector('shapan-severity svg');
    const { left, top, width } = shape.getBoundingClientRect();
    context.save();
    context.translate(left * ratio, top * ratio);
    context.scale((width * ratio) / 24, (width * ratio) / 24);
    const path = new Path2D(shape.querySelector('path').getAttribute('d'));
    context.fillStyle = token(`severity-${mark.dataset.severity}`);
    context.strokeStyle = token('mark-edge');
    context.lineWidth = 1.6;
    context.fill(path);
    context.stroke(path);
    context.restore();
    const count = mark.querySelector('.alarm-mark-count').textContent;
    const middle = [(left + width / 2) * ratio, (top + width / 2) * ratio];
    if (count) text(context, count, ...middle, { size: 0.9 * rem() * ratio, color: token('on-severity'), align: 'center', weight: 700 });
  }
  for (const label of document.querySelectorAll('.exploded-label')) written(context, label, label.textContent, ratio);
  // On the page an icon says what it is.
  for (const end of document.querySelectorAll('.line-end')) boxed(context, end, `${end.dataset.kind} ${end.textContent.trim()}`, ratio);
  for (const label of document.querySelectorAll('.measure-label, .found-mark span')) boxed(context, label, label.textContent, ratio);
}

/** Where an element is written, and how large: pixels of the picture. */
function placeOf(element, ratio) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return {
    x: (left + width / 2) * ratio, y: (top + height / 2) * ratio, width: width * ratio, height: height * ratio,
    size: parseFloat(getComputedStyle(element).fontSize) * ratio,
  };
}

function written(context, element, words, ratio) {
  const { x, y, size } = placeOf(element, ratio);
  const { color, fontWeight } = getComputedStyle(element);
  context.lineWidth = 3 * ratio;
  context.strokeStyle = token('column-halo');
  context.font = `${fontWeight} ${size}px ${FONTS}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.strokeText(words, x, y);
  text(context, words, x, y, { size, color, align: 'center', weight: fontWeight });
}

function boxed(context, element, words, ratio) {
  const { x, y, width, height, size } = placeOf(element, ratio);
  if (width === 0) return;
  context.font = `400 ${size}px ${FONTS}`;
  const wide = Math.max(width, context.measureText(words).width + size);
  box(context, x - wide / 2, y - height / 2, wide, height, 4 * ratio);
  text(context, words, x, y, { size, align: 'center' });
}

/** The head: what it is, when it was, the figures of that moment, and who took it. `figures`: [words, number] each. */
export function drawFrame(context, ratio, { title, time, figures, by }) {
  const unit = rem() * ratio;
  const height = 3.2 * unit;
  context.fillStyle = token('panel');
  context.fillRect(0, 0, context.canvas.width, height);
  context.fillStyle = token('line-strong');
  context.fillRect(0, height, context.canvas.width, ratio);
  let x = unit;
  const put = (words, look) => { x += text(context, words, x, height / 2, { size: unit, ...look }) + 1.2 * unit; };
  put(title, { weight: 650 });
  put(time, { weight: 600, color: token('accent') });
  for (const [words, value] of figures) put(`${words} ${number(value)}`, { color: token('text-soft') });
  text(context, by, context.canvas.width - unit, height / 2, { size: 0.85 * unit, color: token('text-faint'), align: 'right' });
}

/** Legends at the lower left, north and the map's own scale at the lower right, over them whose pictures and heights are shown. */
export function drawNotes(context, ratio, { legends, bearing, credits = '' }) {
  const unit = rem() * ratio;
  let x = unit;
  for (const legend of legends) x += legendBox(context, legend, x, unit, ratio) + 0.8 * unit;

  const scale = document.querySelector('.maplibregl-ctrl-scale');
  const right = context.canvas.width - unit;
  const foot = context.canvas.height - unit;
  const width = scale.offsetWidth * ratio;
  box(context, right - width - 3.6 * unit, foot - 2.8 * unit, width + 3.6 * unit, 2.8 * unit, 6 * ratio);
  context.strokeStyle = token('text');
  context.lineWidth = 1.5 * ratio;
  context.beginPath();
  context.moveTo(right - width - 0.7 * unit, foot - 1 * unit);
  context.lineTo(right - width - 0.7 * unit, foot - 0.6 * unit);
  context.lineTo(right - 0.7 * unit, foot - 0.6 * unit);
  context.lineTo(right - 0.7 * unit, foot - 1 * unit);
  context.stroke();
  text(context, scale.textContent, right - width / 2 - 0.7 * unit, foot - 1.6 * unit, { size: 0.85 * unit, align: 'center' });
  if (credits) creditLine(context, credits, right, foot - 3.2 * unit, { unit, ratio });
  north(context, right - width - 2.2 * unit, foot - 1.4 * unit, unit, bearing);
}

function creditLine(context, words, right, foot, { unit, ratio }) {
  context.font = `400 ${0.8 * unit}px ${FONTS}`;
  const width = context.measureText(words).width + unit;
  box(context, right - width, foot - 1.6 * unit, width, 1.6 * unit, 4 * ratio);
  text(context, words, right - 0.5 * unit, foot - 0.8 * unit, { size: 0.8 * unit, color: token('text-soft'), align: 'right' });
}

function north(context, x, y, unit, bearing) {
  context.save();
  context.translate(x, y);
  context.rotate((-bearing * Math.PI) / 180);
  context.beginPath();
  context.moveTo(0, -0.9 * unit);
  context.lineTo(0.4 * unit, 0.5 * unit);
  context.lineTo(0, 0.2 * unit);
  context.lineTo(-0.4 * unit, 0.5 * unit);
  context.closePath();
  context.fillStyle = token('text');
  context.fill();
  context.restore();
  text(context, 'N', x, y + 0.95 * unit, { size: 0.7 * unit, align: 'center', weight: 600 });
}

/** A swatch of slanted lines in the colour that is set to fill, as the map hatches what nobody knows. */
function hatch(context, x, y, unit) {
  context.save();
  context.beginPath();
  context.rect(x, y, 1.6 * unit, 0.8 * unit);
  context.clip();
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 0.1 * unit;
  for (let at = 0; at < 2.4 * unit; at += 0.4 * unit) {
    context.beginPath();
    context.moveTo(x + at, y);
    context.lineTo(x + at - 0.8 * unit, y + 0.8 * unit);
    context.stroke();
  }
  context.restore();
}

/** The shape of a severity in a box of a side, in the colour that is set. */
function severityShape(context, severity, left, top, side) {
  context.save();
  context.translate(left, top);
  context.scale(side / 24, side / 24);
  context.fill(new Path2D(SHAPES[severity]));
  context.restore();
}

/** @returns {number} its width. `legend`: { title, lines: [{ color: [r, g, b], hatched?, shape?, label, count? }] } */
function legendBox(context, { title, lines }, x, unit, ratio) {
  const size = 0.9 * unit;
  const row = 1.35 * unit;
  context.font = `600 ${size}px ${FONTS}`;
  const words = lines.map(({ label, count }) => (!Number.isFinite(count) ? label : `${label}  ${number(count)}`));
  const width = 2 * unit + Math.max(
    context.measureText(title).width, ...words.map((line) => context.measureText(line).width + 2.2 * unit),
  );
  const height = (lines.length + 1) * row + 1.2 * unit;
  const top = context.canvas.height - unit - height;
  box(context, x, top, width, height, 6 * ratio);
  text(context, title, x + unit, top + 0.6 * unit + row / 2, { size, weight: 600 });
  lines.forEach(({ color, hatched, shape }, index) => {
    const y = top + 0.6 * unit + row * (index + 1.5);
    context.fillStyle = `rgb(${color.slice(0, 3).join(' ')})`;
    if (shape) severityShape(context, shape, x + 1.2 * unit, y - 0.6 * unit, 1.2 * unit);
    else if (hatched) hatch(context, x + unit, y - 0.4 * unit, unit);
    else context.fillRect(x + unit, y - 0.4 * unit, 1.6 * unit, 0.8 * unit);
    text(context, words[index], x + 3.2 * unit, y, { size, color: token('text-soft') });
  });
  return width;
}
