import assert from 'node:assert/strict';
import test from 'node:test';
import { barLength, fills, fitted, frames, PAPERS, path } from '../src/planner/sheet-terms.js';

const box = (west, south, east, north) => ({ type: 'Polygon', coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] });

test('a community is drawn at a round scale, all of it within the frame, north up', () => {
  for (const paper of Object.keys(PAPERS)) {
    const { map, side, width, margin } = frames(paper);
    assert.ok(map.left + map.width < side.left);
    assert.ok(Math.abs(side.left + side.width - (width - margin)) < 1e-9);
    for (const degrees of [0.001, 0.0173, 0.2]) {
      const { scale, place } = fitted(box(117, 31, 117 + degrees, 31 + degrees), map);
      assert.equal(scale % 500, 0);
      const [[west, south], [east, north]] = [place([117, 31]), place([117 + degrees, 31 + degrees])];
      assert.ok(west >= map.left && east <= map.left + map.width && north >= map.top && south <= map.top + map.height);
      assert.ok(north < south && west < east);
      const metres = ((south - north) * scale) / 1000;
      assert.ok(Math.abs(metres - degrees * 111_320) < 0.01 * degrees * 111_320, 'a millimetre is the scale in metres');
    }
  }
});

test('shapes with holes and several parts become one path, lines stay open', () => {
  const { place } = fitted(box(0, 0, 1, 1), { left: 0, top: 0, width: 100, height: 100 });
  assert.equal(path({ type: 'MultiPolygon', coordinates: [box(0, 0, 1, 1).coordinates, box(0.2, 0.2, 0.3, 0.3).coordinates] }, place).match(/M/g).length, 2);
  assert.ok(!path({ type: 'LineString', coordinates: [[0, 0], [1, 1]] }, place).includes('Z'));
  assert.equal(path({ type: 'MultiLineString', coordinates: [[[0, 0], [1, 1]], [[0, 1], [1, 0]]] }, place).match(/M/g).length, 2);
});

test('grids beside one another have different fills', () => {
  const rows = Array.from({ length: 30 }, (_, index) => ({ id: index, geometry: box(index % 6, Math.floor(index / 6), (index % 6) + 1, Math.floor(index / 6) + 1) }));
  const given = fills(rows);
  for (const one of rows) for (const other of rows) {
    const near = Math.abs((one.id % 6) - (other.id % 6)) <= 1 && Math.abs(Math.floor(one.id / 6) - Math.floor(other.id / 6)) <= 1;
    if (near && one.id !== other.id) assert.notEqual(given.get(one.id), given.get(other.id));
  }
});

test('a scale bar has a round length that fits', () => {
  for (const scale of [500, 2000, 12_500, 200_000]) {
    const metres = barLength(scale, 280);
    assert.match(String(metres), /^[125]0*$/);
    assert.ok((metres * 1000) / scale <= 280 * 0.22);
  }
});
