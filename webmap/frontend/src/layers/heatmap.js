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

/**
 * deck.gl multiplies a given colorDomain by the metres of a texel, so that the legend would change with the
 * zoom; here `densityDomain` [low, high] in events per hectare holds whatever the camera does.
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
}
