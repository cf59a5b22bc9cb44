import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneFrameAtATime } from '../src/map/pacing.js';

/** A map whose processor takes its time: frames are commanded, and done when `finish` is called. */
function slowMap() {
  const listeners = { render: [], webglcontextlost: [] };
  const gl = {
    SYNC_GPU_COMMANDS_COMPLETE: 1, SYNC_STATUS: 2, SIGNALED: 3, done: true,
    fenceSync() { this.done = false; return {}; },
    deleteSync() {},
    flush() {},
    getSyncParameter() { return this.done ? 3 : 4; },
  };
  const map = {
    frames: 0,
    getCanvas: () => ({ getContext: () => gl }),
    on: (name, listener) => listeners[name].push(listener),
    triggerRepaint() { map.frames += 1; },
    tell: (name) => listeners[name].forEach((listener) => listener()),
  };
  oneFrameAtATime(map);
  return { map, gl };
}

test('while a frame is drawn all wishes for another one become one, after it', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { map, gl } = slowMap();
  map.triggerRepaint();
  assert.equal(map.frames, 1);
  map.tell('render');
  for (let wish = 0; wish < 5; wish += 1) map.triggerRepaint();
  context.mock.timers.tick(400);
  assert.equal(map.frames, 1);
  gl.done = true;
  context.mock.timers.tick(10);
  assert.equal(map.frames, 2);
  context.mock.timers.tick(100);
  assert.equal(map.frames, 2);
});

test('a context that is lost while it draws holds nothing up', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { map } = slowMap();
  map.tell('render');
  map.triggerRepaint();
  map.tell('webglcontextlost');
  context.mock.timers.tick(10);
  assert.equal(map.frames, 1);
});
