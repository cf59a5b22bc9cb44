/**
 * The baseline: a city as one GeoJSON in deck.gl, as its examples show it. Ready means what it means in the sandbox: all is
 * loaded, and the graphics card is through with the frame.
 */
import { AmbientLight, Deck, DirectionalLight, LightingEffect } from '@deck.gl/core';
import { GeoJsonLayer } from '@deck.gl/layers';

const { url, view } = JSON.parse(document.getElementById('config').textContent);

const COLORS = {
  water: [18, 48, 66], green: [28, 44, 36], road: [70, 82, 95], area: [24, 29, 35], grid: [42, 50, 59],
};
const CLASSES = [[70, 83, 95], [66, 114, 150], [70, 140, 150], [110, 175, 140], [170, 200, 130], [225, 205, 125]];
const classOf = (residents) => Math.min(CLASSES.length - 1, Math.ceil(Math.log2(1 + residents / 5)));

const layer = new GeoJsonLayer({
  id: 'city',
  data: url,
  extruded: true,
  pickable: true,
  getElevation: ({ properties }) => properties.height_m ?? 0,
  getFillColor: ({ properties: { layer: name, residents } }) => COLORS[name] ?? CLASSES[classOf(residents ?? 0)],
  getLineColor: ({ properties }) => COLORS[properties.layer] ?? [10, 13, 17],
  getLineWidth: ({ properties }) => properties.width_m ?? 1,
  getPointRadius: 4,
});

const deck = new Deck({
  parent: document.body,
  controller: true,
  initialViewState: view,
  layers: [layer],
  effects: [new LightingEffect({
    ambient: new AmbientLight({ intensity: 1 }), sun: new DirectionalLight({ intensity: 1.5, direction: [-1, -3, -2] }),
  })],
  onAfterRender: ({ gl }) => {
    const layers = deck.layerManager?.getLayers() ?? [];
    if (asked || !layers.length || !layers.every(({ isLoaded }) => isLoaded)) return;
    asked = true;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const look = () => {
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) return setTimeout(look, 4);
      performance.mark('shapan:scene-ready');
      document.documentElement.dataset.scene = 'ready';
    };
    look();
  },
});
let asked = false;

window.look = ([longitude, latitude]) => deck.setProps({ viewState: { ...view, longitude, latitude } });
