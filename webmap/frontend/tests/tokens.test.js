import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast } from './contrast.js';

const folder = new URL('../src/', import.meta.url);
const css = readFileSync(new URL('tokens.css', folder), 'utf8');

const colors = (block) => Object.fromEntries([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, ...pair]) => pair));
const [, night] = /:root \{([^}]*)\}/.exec(css);
const [, day] = /:root\[data-style='day'\] \{([^}]*)\}/.exec(css);
const STYLES = { night: colors(night), day: colors(day) };

function reaches(least, style, one, other) {
  const { [one]: first, [other]: second } = STYLES[style];
  assert.ok(first && second, `${style}: --${first ? other : one} is no colour`);
  assert.ok(contrast(first, second) >= least, `${style}: ${one} on ${other}: ${contrast(first, second).toFixed(2)}`);
}

test('day gives every colour of night a value of its own', () => {
  assert.deepEqual(Object.keys(STYLES.day).sort(), Object.keys(STYLES.night).sort());
  const shaded = (block) => [...block.matchAll(/--([a-z-]+):[^;]*rgb\(/g)].map(([, name]) => name).sort();
  assert.deepEqual(shaded(day), shaded(night));
});

for (const style of Object.keys(STYLES)) {
  test(`by ${style}, every text on every ground that carries it reaches 4.5 : 1`, () => {
    for (const ground of ['ground', 'panel', 'raised']) {
      for (const text of ['text', 'text-soft', 'text-faint', 'accent', 'bad']) reaches(4.5, style, text, ground);
    }
    reaches(4.5, style, 'text', 'pressed');
    reaches(4.5, style, 'text', 'accent-ground');
    reaches(4.5, style, 'on-severity', 'stale');
    reaches(4.5, style, 'ground', 'accent'); // the words of a primary button
    reaches(4.5, style, 'ground', 'text'); // the number on a mark
  });

  test(`by ${style}, the words on the badge of a warning reach 4.5 : 1, and its line on the map 3 : 1 with its edge`, () => {
    for (const colour of ['red', 'orange', 'yellow', 'blue', 'grey']) {
      reaches(4.5, style, `on-warning-${colour}`, `warning-${colour}`);
    }
    for (const colour of ['orange', 'yellow']) reaches(3, style, 'warning-edge', `warning-${colour}`);
    reaches(4.5, style, 'panel', 'text-soft'); // the word of an exercise
  });

  test(`by ${style}, rooms of each state differ from what they stand on, and lines to what is near from the map`, () => {
    for (const state of ['occupied', 'rented', 'care', 'business', 'unsurveyed']) reaches(1.5, style, `room-${state}`, 'room-slab');
    reaches(1.3, style, 'room-occupied', 'room-rented');
    for (const ground of ['ground', 'panel']) reaches(3, style, 'near-line', ground);
  });

  test(`by ${style}, buildings that step back are grey, and their edges tell them apart`, () => {
    const parts = STYLES[style]['building-quiet'].match(/[0-9a-f]{2}/g).map((part) => parseInt(part, 16));
    assert.ok(Math.max(...parts) - Math.min(...parts) < 30, String(parts));
    reaches(3, style, 'building-quiet', 'building-edge');
  });

  test(`by ${style}, signs of every severity reach 3 : 1 on the panel and on the map, and carry their icon`, () => {
    for (const severity of ['critical', 'major', 'minor', 'warning', 'info']) {
      for (const ground of ['ground', 'panel']) reaches(3, style, `severity-${severity}`, ground);
      reaches(3, style, 'on-severity', `severity-${severity}`);
    }
    for (const ground of ['panel', 'raised']) {
      for (const sign of ['good', 'focus']) reaches(3, style, sign, ground);
    }
  });
}

test('no colour stands anywhere else in the style sheets', () => {
  const sheets = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.css') && name !== 'tokens.css');
  assert.ok(sheets.length > 5);
  for (const sheet of sheets) {
    const found = readFileSync(new URL(sheet, folder), 'utf8').match(/#[0-9a-f]{3,8}\b|(rgb|hsl|oklch)a?\(/gi);
    assert.equal(found, null, `${sheet}: ${found}`);
  }
});

test('a pulse flashes at most twice a second', () => {
  for (const [, duration] of css.matchAll(/--pulse[a-z-]*: (\d+)ms/g)) assert.ok(Number(duration) >= 500);
});
