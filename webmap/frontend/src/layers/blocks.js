/** 体块: extruded polygons of a vector tile, walls and roofs in one mesh (`map/block-mesh.js` says why), their edges in another. */
import { color, Layer, picking, project32 } from '@deck.gl/core';
import { Model } from '@luma.gl/engine';
import { gouraudMaterial } from '@luma.gl/shadertools';
import { blockMesh } from '../map/block-mesh.js';

const VERTEX = `\
#version 300 es
#define SHADER_NAME blocks-vertex

in vec3 corners;
in vec4 faces;
in float elevations;
in vec4 fillColors;
in vec4 lineColors;
in float features;

out vec4 vColor;

void main(void) {
  vec4 own = blocks.edges > 0.5 ? lineColors : fillColors;
  geometry.worldPosition = corners;
  geometry.pickingColor = picking_getPickingColorFromIndex(features);
  vec3 at = vec3(corners.xy, corners.z + elevations * faces.w);
  gl_Position = project_position_to_clipspace(at, vec3(0.), vec3(0.), geometry.position);
  DECKGL_FILTER_GL_POSITION(gl_Position, geometry);
  geometry.normal = project_normal(faces.xyz);
  vec3 lit = lighting_getLightColor(own.rgb, project.cameraPosition, geometry.position.xyz, geometry.normal);
  vColor = vec4(lit, own.a * layer.opacity);
  DECKGL_FILTER_COLOR(vColor, geometry);
}
`;

const FRAGMENT = `\
#version 300 es
#define SHADER_NAME blocks-fragment

precision highp float;

in vec4 vColor;

out vec4 fragColor;

void main(void) {
  fragColor = vColor;
  geometry.uv = vec2(0.);
  DECKGL_FILTER_COLOR(fragColor, geometry);
}
`;

const UNIFORMS = `\
layout(std140) uniform blocksUniforms {
  float edges;
} blocks;
`;

const blocks = { name: 'blocks', vs: UNIFORMS, fs: UNIFORMS, uniformTypes: { edges: 'f32' } };

const BLACK = [0, 0, 0, 255];

/** Takes the place of deck.gl's SolidPolygonLayer in a layer of vector tiles: the same properties, the same picture. */
export class BlockLayer extends Layer {
  static layerName = 'BlockLayer';

  static defaultProps = {
    filled: true,
    extruded: true,
    wireframe: false,
    material: true,
    getElevation: { type: 'accessor', value: 0 },
    getFillColor: { type: 'accessor', value: BLACK },
    getLineColor: { type: 'accessor', value: BLACK },
  };

  getShaders() {
    return super.getShaders({ vs: VERTEX, fs: FRAGMENT, modules: [project32, color, gouraudMaterial, picking, blocks] });
  }

  initializeState() {
    const given = (name) => (attribute) => { attribute.value = this.state.mesh[name]; };
    const indices = { size: 1, isIndexed: true, noAlloc: true };
    const colors = { size: 4, type: 'unorm8', defaultValue: BLACK };
    this.getAttributeManager().add({
      triangles: { ...indices, update: given('triangles') },
      edges: { ...indices, update: given('edges') },
      corners: { size: 3, type: 'float32', noAlloc: true, update: given('positions') },
      faces: { size: 4, type: 'float32', noAlloc: true, update: given('faces') },
      features: { size: 1, type: 'uint32', noAlloc: true, update: given('rows') },
      elevations: { size: 1, type: 'float32', accessor: 'getElevation' },
      fillColors: { ...colors, accessor: 'getFillColor' },
      lineColors: { ...colors, accessor: 'getLineColor' },
    });
  }

  updateState(changes) {
    super.updateState(changes);
    const { props: { data }, changeFlags } = changes;
    if (changeFlags.dataChanged) {
      const { getPolygon, instanceVertexValid, indices, rowIndexes } = data.attributes;
      const mesh = blockMesh({
        positions: getPolygon, valid: instanceVertexValid.value, triangles: indices, rows: rowIndexes.value,
        starts: data.startIndices,
      });
      // deck.gl writes what an accessor says of a polygon to all points from its start to that of the next one.
      this.setState({ mesh, numInstances: mesh.rows.length, startIndices: mesh.starts });
    }
    if (changeFlags.extensionsChanged || !this.state.models) {
      this.state.models?.forEach((model) => model.destroy());
      const walls = this.#model('walls', 'triangle-list', 'edges');
      const outlines = this.#model('outlines', 'line-list', 'triangles');
      this.setState({ models: [walls, outlines], walls, outlines });
      this.getAttributeManager().invalidateAll();
    }
  }

  draw() {
    const { walls, outlines, mesh } = this.state;
    const drawn = [
      ...(this.props.wireframe ? [[outlines, mesh.edges.length, 1]] : []),
      ...(this.props.filled ? [[walls, mesh.triangles.length, 0]] : []),
    ];
    for (const [model, count, edges] of drawn) {
      model.setVertexCount(count);
      model.shaderInputs.setProps({ blocks: { edges } });
      model.draw(this.context.renderPass);
    }
  }

  #model(name, topology, otherIndices) {
    return new Model(this.context.device, {
      ...this.getShaders(),
      id: `${this.props.id}-${name}`,
      topology,
      bufferLayout: this.getAttributeManager().getBufferLayouts(),
      isIndexed: true,
      userData: { excludeAttributes: { [otherIndices]: true } },
    });
  }
}
