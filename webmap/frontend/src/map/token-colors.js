/** Colours as tokens.css defines them, for the layers that WebGL draws. tokens.css stays the only place of colours. */

let known = new Map();

function parse(text) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim());
  return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : [148, 163, 179];
}

/** [r, g, b] of a colour in the style that the page has now: tokenColor('severity-minor'). */
export function tokenColor(name) {
  if (!known.has(name)) known.set(name, parse(getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)));
  return known.get(name);
}

/** The page has taken on another style. */
export function forgetColors() {
  known = new Map();
}
