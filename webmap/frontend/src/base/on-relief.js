/**
 * Lifts what deck.gl draws onto the ground: each point, line and corner by the height under it, in the vertex shader, so that
 * no layer has to know of it. deck.gl's own TerrainExtension would draw the terrain a second time to learn its heights.
 */
import { LayerExtension, project } from '@deck.gl/core';

const HEIGHTS = /* glsl */ `
layout(std140) uniform reliefUniforms {
  vec4 box;
  float cells;
} relief;

uniform highp sampler2D relief_heights;

float relief_corner(ivec2 at) {
  return texelFetch(relief_heights, clamp(at, ivec2(0), ivec2(int(relief.cells) - 1)), 0).r;
}

float relief_metres(vec2 place) {
  vec2 share = (place - relief.box.xy) / relief.box.zw;
  if (any(lessThan(share, vec2(0.0))) || any(greaterThan(share, vec2(1.0)))) return 0.0;
  vec2 at = share * (relief.cells - 1.0);
  ivec2 corner = ivec2(floor(at));
  vec2 part = at - floor(at);
  return mix(
    mix(relief_corner(corner), relief_corner(corner + ivec2(1, 0)), part.x),
    mix(relief_corner(corner + ivec2(0, 1)), relief_corner(corner + ivec2(1, 1)), part.x), part.y);
}
`;

const reliefModule = {
  name: 'relief',
  dependencies: [project],
  vs: HEIGHTS,
  inject: {
    'vs:DECKGL_FILTER_GL_POSITION': /* glsl */ `
geometry.position.z += relief_metres(geometry.position.xy) * project.commonUnitsPerMeter.z;
position = project_common_position_to_clipspace(geometry.position);
`,
  },
  getUniforms: ({ grid, heights, project: projected } = {}) => {
    if (!grid) return {};
    // Relative to the origin that positions are relative to: single precision is too coarse for a whole world.
    const { commonOrigin } = project.getUniforms(projected);
    const [x, y, width, height] = grid.box;
    return { box: [x - commonOrigin[0], y - commonOrigin[1], width, height], cells: grid.cells, relief_heights: heights };
  },
  uniformTypes: { box: 'vec4<f32>', cells: 'f32' },
};

/** Grid → its texture. Only the newest is kept: another one means that heights are others. */
let newest = { grid: null, texture: null };

function textureOf(device, grid) {
  if (newest.grid !== grid) {
    newest.texture?.destroy();
    const { cells: width, cells: height } = grid;
    newest = { grid, texture: device.createTexture({
      id: 'relief', format: 'r32float', width, height, data: grid.heights, mipLevels: 1,
      sampler: { minFilter: 'nearest', magFilter: 'nearest', addressModeU: 'clamp-to-edge', addressModeV: 'clamp-to-edge' },
    }) };
  }
  return newest.texture;
}

export class OnRelief extends LayerExtension {
  static extensionName = 'OnRelief';

  static defaultProps = { relief: { type: 'object', value: null, compare: 0 } };

  getShaders() {
    return { modules: [reliefModule] };
  }

  draw({ shaderModuleProps }) {
    const { relief: grid } = this.props;
    if (!grid) return;
    this.setShaderModuleProps({ relief: { grid, heights: textureOf(this.context.device, grid), project: shaderModuleProps.project } });
  }
}

const ON_RELIEF = new OnRelief();

/** Of a ground whose heights are not known yet. */
const LEVEL = { heights: new Float32Array(1), cells: 1, box: [0, 0, 512, 512] };

/**
 * A layer standing on the ground; one that says `standsItself` knows its own height.
 * @param {import('@deck.gl/core').Layer} layer
 * @param {object|null} grid heights, as relief.js samples them; null while there are none. Layers that are to stand on ground
 *   are told so before its heights are known: shaders are compiled anew for it, which without a graphics card takes long
 */
export function onRelief(layer, grid) {
  if (layer.props.standsItself) return layer;
  return layer.clone({ extensions: [...(layer.props.extensions ?? []), ON_RELIEF], relief: grid ?? LEVEL });
}
