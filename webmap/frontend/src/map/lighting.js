/**
 * The light of the city: an even sky, one low sun from the north-west and a faint light against it, so that the
 * faces of a block differ. All of it is white and nothing shines: a colour keeps the hue it has in the legend.
 */
import { AmbientLight, DirectionalLight, LightingEffect } from '@deck.gl/core';

/** How building faces answer the light: matt, with enough base that the colour of the legend stays itself. */
export const BUILDING_MATERIAL = { ambient: 0.6, diffuse: 0.5, shininess: 1, specularColor: [0, 0, 0] };

export function lighting() {
  return new LightingEffect({
    sky: new AmbientLight({ color: [255, 255, 255], intensity: 1 }),
    sun: new DirectionalLight({ color: [255, 255, 255], intensity: 1.05, direction: [2.4, -3, -3.2] }),
    fill: new DirectionalLight({ color: [255, 255, 255], intensity: 0.35, direction: [-3, 2, -0.9] }),
  });
}
