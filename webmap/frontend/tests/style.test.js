import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { FIRST_LABEL, prepareStyle, scaleValue, showGroup } from '../src/map/style.js';
import { contrast } from './contrast.js';

// What the server sends, from the function that its route calls.
const SENT = 'import json; from webmap.base_map import STYLES, document; '
  + 'print(json.dumps([document(name, "http://127.0.0.1:8700") for name in STYLES]))';
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const styles = JSON.parse(execFileSync('python', ['-c', SENT], { cwd: repository }));
const style = styles.find(({ name }) => name === 'night');
const screen = { lang: 'zh-CN', scale: 1 };

const folder = mkdtempSync(join(tmpdir(), 'styles-'));
after(() => rmSync(folder, { recursive: true }));

test('every style is valid by gl-style-validate', () => {
  const validator = fileURLToPath(new URL('../node_modules/.bin/gl-style-validate', import.meta.url));
  const files = styles.map(({ name, ...rest }) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ name, ...rest }));
    return file;
  });
  assert.equal(files.length, 3);
  for (const file of files) execFileSync(validator, [file]);
  writeFileSync(files[0], JSON.stringify({ ...style, layers: [{ id: 'x', type: 'fill', source: 'none' }] }));
  assert.throws(() => execFileSync(validator, [files[0]], { stdio: 'pipe' }));
});

test('every style is valid on every screen and in both languages', () => {
  for (const each of styles) {
    for (const lang of ['zh-CN', 'en']) {
      for (const scale of [1, 1.37, 2]) {
        assert.deepEqual(validateStyleMin(prepareStyle(each, { ...screen, lang, scale })), [], each.name);
      }
    }
  }
});

test('every label can be read on its halo, on the ground and on the land', () => {
  for (const { name, layers } of styles) {
    const paint = (id) => layers.find((layer) => layer.id === id).paint;
    const grounds = [paint('background')['background-color'], paint('area-ground')['fill-color']];
    for (const { id, type, paint: label } of layers) {
      if (type !== 'symbol') continue;
      for (const ground of [label['text-halo-color'], ...grounds]) {
        const found = contrast(label['text-color'], ground);
        assert.ok(found >= 4.5, `${name} ${id} on ${ground}: ${found.toFixed(2)}`);
      }
    }
  }
});

test('on the wall only what is abnormal may have a saturated colour', () => {
  const saturation = (hex) => {
    const rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    return (Math.max(...rgb) - Math.min(...rgb)) / 255;
  };
  const most = ({ layers }) => Math.max(...JSON.stringify(layers).match(/#[0-9a-f]{6}/g).map(saturation));
  const wall = styles.find(({ name }) => name === 'wall');
  assert.ok(most(wall) < 0.1, most(wall));
  assert.ok(most(style) > 0.2);
});

test('the wall has fewer labels than the desk, and larger ones', () => {
  const labels = ({ layers }) => new Map(layers.filter(({ type }) => type === 'symbol')
    .map(({ id, layout }) => [id, layout['text-size'].filter((_, index) => index > 3 && index % 2 === 0)]));
  const desk = labels(style);
  const wall = labels(styles.find(({ name }) => name === 'wall'));
  assert.ok(wall.size < desk.size);
  for (const [id, sizes] of wall) sizes.forEach((size, index) => assert.ok(size > desk.get(id)[index] * 1.3, id));
});

test('labels are on top, and the style names the lowest one', () => {
  for (const { layers, metadata } of styles) {
    const kinds = layers.map(({ type }) => type);
    const first = layers.findIndex(({ id }) => id === metadata[FIRST_LABEL]);
    assert.equal(first, kinds.indexOf('symbol'));
    assert.deepEqual([...new Set(kinds.slice(first))], ['symbol']);
  }
});

test('nothing is asked of another host and no glyphs are asked at all', () => {
  for (const { glyphs, sprite } of styles) assert.deepEqual([glyphs, sprite], [undefined, undefined]);
  const hosts = JSON.stringify(styles).match(/[a-z]+:\/\/[^/"]*/g);
  assert.deepEqual([...new Set(hosts)], ['http://127.0.0.1:8700']);
});

test('a group that is hidden stays so in another style', () => {
  const hidden = (groups) => prepareStyle(style, { ...screen, hidden: groups }).layers
    .filter(({ layout }) => layout.visibility === 'none');
  assert.deepEqual(hidden([]), []);
  assert.deepEqual([...new Set(hidden(['grids']).map((layer) => layer.metadata['shapan:group']))], ['grids']);
});

test('names of grids and communities give way to figures, and come back only where nothing else hides them', () => {
  const layers = prepareStyle(style, { ...screen, hidden: ['figures'] }).layers.filter(({ layout }) => layout.visibility === 'none');
  assert.deepEqual(layers.map(({ id }) => id).sort(), ['label-community', 'label-grid']);
  const seen = {};
  const map = { getStyle: () => style, setLayoutProperty: (id, _, visibility) => { seen[id] = visibility; } };
  showGroup(map, 'figures', ['figures']);
  assert.deepEqual(seen, { 'label-community': 'none', 'label-grid': 'none' });
  showGroup(map, 'figures', ['grids']);
  assert.deepEqual(seen, { 'label-community': 'visible', 'label-grid': 'none' });
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
