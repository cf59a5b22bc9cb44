import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { FIRST_LABEL, prepareStyle, scaleValue } from '../src/style.js';

const file = fileURLToPath(new URL('../../styles/night.json', import.meta.url));
const style = JSON.parse(readFileSync(file, 'utf8'));
const screen = { lang: 'zh-CN', scale: 1, origin: 'http://127.0.0.1:8700' };

test('the style is valid', () => {
  const validator = fileURLToPath(new URL('../node_modules/.bin/gl-style-validate', import.meta.url));
  execFileSync(validator, [file]);
});

test('the style is valid on every screen and in both languages', () => {
  for (const lang of ['zh-CN', 'en']) {
    for (const scale of [1, 1.37, 2]) assert.deepEqual(validateStyleMin(prepareStyle(style, { ...screen, lang, scale })), []);
  }
});

test('labels are on top, and the style names the lowest one', () => {
  const kinds = style.layers.map(({ type }) => type);
  const first = style.layers.findIndex(({ id }) => id === style.metadata[FIRST_LABEL]);
  assert.equal(first, kinds.indexOf('symbol'));
  assert.deepEqual([...new Set(kinds.slice(first))], ['symbol']);
});

test('nothing is asked of another host and no glyphs are asked at all', () => {
  assert.equal(style.glyphs, undefined);
  assert.equal(style.sprite, undefined);
  assert.ok(!JSON.stringify(style).includes('://'));
  assert.ok(prepareStyle(style, screen).sources.base.tiles.every((url) => url.startsWith(screen.origin)));
});

test('English labels fall back to the Chinese name', () => {
  const label = (lang) => prepareStyle(style, { ...screen, lang }).layers.find(({ id }) => id === 'label-community');
  assert.deepEqual(label('zh-CN').layout['text-field'], ['get', 'name']);
  assert.deepEqual(label('en').layout['text-field'], ['coalesce', ['get', 'name_en'], ['get', 'name']]);
});

test('a screen twice as large shows text and lines twice as large, one zoom later', () => {
  assert.deepEqual(scaleValue(['interpolate', ['linear'], ['zoom'], 10, 1, 12, 3], 2), ['interpolate', ['linear'], ['zoom'], 11, 2, 13, 6]);
  assert.equal(scaleValue(1.5, 2), 3);
  const large = prepareStyle(style, { ...screen, scale: 2 });
  const small = style.layers.find(({ id }) => id === 'label-grid');
  assert.equal(large.layers.find(({ id }) => id === 'label-grid').minzoom, small.minzoom + 1);
});
