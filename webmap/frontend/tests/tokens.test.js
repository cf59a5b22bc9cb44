import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8');
const token = (name) => {
  const [, hex] = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(css) ?? [];
  assert.ok(hex, `--${name} is no colour`);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
};

/** Relative luminance and contrast as WCAG 2.2 defines them. */
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [light, dark] = [luminance(token(one)), luminance(token(other))].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

test('every text on every ground that carries it reaches 4.5 : 1', () => {
  for (const ground of ['ground', 'panel', 'raised']) {
    for (const text of ['text', 'text-soft', 'text-faint', 'accent', 'bad']) {
      assert.ok(contrast(text, ground) >= 4.5, `${text} on ${ground}: ${contrast(text, ground).toFixed(2)}`);
    }
  }
  assert.ok(contrast('text', 'accent-ground') >= 4.5);
  assert.ok(contrast('on-severity', 'stale') >= 4.5);
});

test('signs of every severity reach 3 : 1 on the panel and on the map, and carry their icon', () => {
  for (const severity of ['critical', 'major', 'minor', 'warning', 'info']) {
    for (const ground of ['ground', 'panel']) assert.ok(contrast(`severity-${severity}`, ground) >= 3, severity);
    assert.ok(contrast('on-severity', `severity-${severity}`) >= 3, severity);
  }
});

test('a pulse flashes at most twice a second', () => {
  for (const [, duration] of css.matchAll(/--pulse[a-z-]*: (\d+)ms/g)) assert.ok(Number(duration) >= 500);
});
