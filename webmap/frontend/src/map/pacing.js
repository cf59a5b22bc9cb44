/**
 * Frames of a map that the processor draws, one at a time.
 *
 * Without a graphics card a frame takes as long as half a second, and the browser takes commands for the next one
 * meanwhile: while tiles come in one by one, many frames are drawn of which nobody sees more than the last, and every
 * question to WebGL waits for all of them. Here the next frame begins when the last one is drawn, with all that has come.
 */

const LOOK_MS = 8;

/** @param {import('maplibre-gl').Map} map is drawn from now on as said above */
export function oneFrameAtATime(map) {
  const gl = map.getCanvas().getContext('webgl2');
  const repaint = map.triggerRepaint.bind(map);
  let drawing = null;
  let waits = false;

  function look() {
    if (drawing !== null && gl.getSyncParameter(drawing, gl.SYNC_STATUS) !== gl.SIGNALED) {
      setTimeout(look, LOOK_MS);
      return;
    }
    gl.deleteSync(drawing);
    drawing = null;
    waits = false;
    repaint();
  }

  map.on('render', () => {
    gl.deleteSync(drawing);
    drawing = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); // null when the context is lost
    gl.flush();
  });
  map.on('webglcontextlost', () => { drawing = null; });
  map.triggerRepaint = () => {
    if (waits) return;
    waits = true;
    look();
  };
}
