/** A heat map whose colours mean the same at every zoom: events per hectare of ground. */
import { HeatmapLayer } from '@deck.gl/aggregation-layers';

/** Value of the layer's kernel in its middle, from its fragment shader: 1 / (sqrt(pi) / 6). */
const KERNEL_PEAK = 1 / (1.77245385 * 0.166666);

/** Width of the kernel, same shader: exp(-u² / 0.05555) with u = distance / radius. */
const KERNEL_WIDTH = 0.05555;

const SQUARE_METRES_PER_HECTARE = 10_000;

/**
 * The colour domain in the layer's own units for a density in events per hectare.
 *
 * The kernel spreads one event over an effective area of pi · 0.05555 · radius²; a sum of kernels divided by its
 * peak and by that area is a density.
 * @param {number} density events per hectare
 * @param {number} radiusMetres what `radiusPixels` covers on the ground
 */
export function domainOf(density, radiusMetres) {
  const hectares = (Math.PI * KERNEL_WIDTH * radiusMetres ** 2) / SQUARE_METRES_PER_HECTARE;
  return density * hectares * KERNEL_PEAK;
}

/** Squares along a side of the mesh that carries the heat. */
const SQUARES = 64;

/**
 * A square of 0 to 1, cut into squares, as one strip of triangles.
 * @returns {Float32Array} x and y of each corner in turn
 */
export function meshStrip(squares) {
  const corners = [];
  for (let row = 0; row < squares; row += 1) {
    if (row > 0) corners.push(corners.at(-1), [0, row]); // triangles without area lead to the next row
    for (let column = 0; column <= squares; column += 1) corners.push([column, row], [column, row + 1]);
  }
  return Float32Array.from(corners.flat(), (part) => part / squares);
}

/** deck.gl's layer for the picture of the heat, which it does not export, with the hook by which others lift what is drawn. */
const liftable = (TriangleLayer) => class extends TriangleLayer {
  static layerName = 'HeatSurfaceLayer';

  getShaders() {
    const shaders = super.getShaders();
    return { ...shaders, inject: { ...shaders.inject, 'vs:#main-end': LIFTED } };
  }
};

const LIFTED = /* glsl */ `
gl_Position = project_position_to_clipspace(positions, vec3(0.0), vec3(0.0), geometry.position);
DECKGL_FILTER_GL_POSITION(gl_Position, geometry);
`;

let surface = null;

const MESH = meshStrip(SQUARES);
const CORNERS = MESH.length / 2;

/**
 * deck.gl multiplies a given colorDomain by the metres of a texel, so that the legend would change with the
 * zoom; here `densityDomain` [low, high] in events per hectare holds whatever the camera does. And it lays the heat on the four
 * corners of the window, which would stay flat on a terrain; here it lies on a mesh, whose corners follow the ground.
 */
export class GroundHeatmapLayer extends HeatmapLayer {
  static layerName = 'GroundHeatmapLayer';

  static defaultProps = { densityDomain: { type: 'array', value: [0, 1] } };

  _updateWeightmap() {
    super._updateWeightmap();
    const { densityDomain, radiusPixels } = this.props;
    const radiusMetres = radiusPixels * this.context.viewport.metersPerPixel;
    this.state.colorDomain = densityDomain.map((density) => domainOf(density, radiusMetres) * this.state.weightsScale);
  }

  _setupResources() {
    super._setupResources();
    const { device } = this.context;
    const { triPositionBuffer, triTexCoordBuffer } = this.state;
    triPositionBuffer.destroy();
    triTexCoordBuffer.destroy();
    this.setState({
      triPositionBuffer: device.createBuffer({ byteLength: CORNERS * 3 * Float32Array.BYTES_PER_ELEMENT }),
      triTexCoordBuffer: device.createBuffer({ byteLength: CORNERS * 2 * Float32Array.BYTES_PER_ELEMENT }),
      meshBounds: null,
    });
  }

  /** The mesh covers all that the texture holds, so that ground which stands into the window has its heat. */
  _updateTextureRenderingBounds() {
    const { triPositionBuffer, triTexCoordBuffer, worldBounds, normalizedCommonBounds, meshBounds } = this.state;
    if (meshBounds === worldBounds) return;
    const { viewport } = this.context;
    const [west, south, east, north] = worldBounds;
    const [left, low, right, high] = normalizedCommonBounds;
    const positions = new Float32Array(CORNERS * 3);
    const places = new Float32Array(CORNERS * 2);
    for (let corner = 0; corner < CORNERS; corner += 1) {
      const [across, along] = [MESH[2 * corner], MESH[2 * corner + 1]];
      positions.set([west + (east - west) * across, south + (north - south) * along], 3 * corner);
      // Of the place in the precision that the graphics card knows it in.
      const [x, y] = viewport.projectPosition([positions[3 * corner], positions[3 * corner + 1]]);
      places.set([(x - left) / (right - left), (y - low) / (high - low)], 2 * corner);
    }
    triPositionBuffer.write(positions);
    triTexCoordBuffer.write(places);
    this.setState({ meshBounds: worldBounds });
  }

  getSubLayerClass(id, TriangleLayer) {
    surface ??= liftable(TriangleLayer);
    return surface;
  }

  renderLayers() {
    return super.renderLayers().clone({ vertexCount: CORNERS });
  }
}
