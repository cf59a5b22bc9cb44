/** The colours of severities as tokens.css defines them, for the layers that WebGL draws. */
import { SEVERITIES } from './alarm-terms.js';

const colors = new Map();

function parse(text) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim());
  return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : [148, 163, 179];
}

/** [r, g, b] of a severity. tokens.css stays the only place where it is written down. */
export function severityColor(severity) {
  if (colors.size === 0) {
    const style = getComputedStyle(document.documentElement);
    for (const name of SEVERITIES) colors.set(name, parse(style.getPropertyValue(`--severity-${name}`)));
  }
  return colors.get(severity);
}
