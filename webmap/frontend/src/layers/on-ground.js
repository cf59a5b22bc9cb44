/**
 * 贴地: fills and lines that lie on the ground. On a terrain the corners of a figure are lifted onto it (base/on-relief.js);
 * here a figure gets so many corners that it follows the slopes between its own, too. On flat ground it stays as it is.
 */
import { PathLayer, SolidPolygonLayer } from '@deck.gl/layers';

/** The finest step, degrees: 14 m. Heights of a city are known every 5 to 30 m. */
const FINEST = 2 ** -13;

/** Pieces along the longer side of a figure, at most: fills in squares, whose number is the square of this. */
const MOST = { fill: 64, line: 1000 };

/**
 * All steps are powers of two, so that the lines of the grid are exact numbers: deck.gl's cut of a polygon fails where the
 * corners that it made itself lie beside its next line by a rounding. In a tile, whose side is 1, which is about 512 pixels wide:
 */
export const TILE_STEPS = { fill: 1 / 32, line: 1 / 32 };

const cornersOf = (coordinates) => (typeof coordinates[0] === 'number' ? [coordinates] : coordinates.flatMap(cornersOf));

/**
 * How finely figures follow the ground.
 * @param {number[][]|number[][][]} coordinates of one or more, as deep as they come: degrees, longitude first
 * @returns {{fill: number, line: number}} degrees
 */
export function groundSteps(coordinates) {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [longitude, latitude] of cornersOf(coordinates)) {
    [west, south] = [Math.min(west, longitude), Math.min(south, latitude)];
    [east, north] = [Math.max(east, longitude), Math.max(north, latitude)];
  }
  const side = Math.max(0, east - west, north - south);
  const step = (most) => Math.max(FINEST, 2 ** Math.ceil(Math.log2(side / most)));
  return { fill: step(MOST.fill), line: step(MOST.line) };
}

/** deck.gl cuts figures by a grid for its globe; the same cut serves here. `step`: in units of the layer's positions. */
function cutBy(tesselator, layer) {
  const update = tesselator.updateGeometry.bind(tesselator);
  tesselator.updateGeometry = (options) => {
    const { relief, step } = layer.props;
    return update({ ...options, resolution: relief && step ? step : options.resolution });
  };
}

/** Flat ground became a slope or the other way: the figure is to be cut anew. */
function withCut({ props, oldProps, changeFlags, ...rest }) {
  const same = Boolean(props.relief) === Boolean(oldProps.relief) && props.step === oldProps.step;
  const flags = same ? changeFlags : { ...changeFlags, updateTriggersChanged: { all: true } };
  return { props, oldProps, changeFlags: flags, ...rest };
}

const STEPPED = { step: { type: 'number', value: 0 }, relief: { type: 'object', value: null, compare: 0 } };

export class GroundPolygonLayer extends SolidPolygonLayer {
  static layerName = 'GroundPolygonLayer';

  static defaultProps = STEPPED;

  initializeState() {
    super.initializeState();
    cutBy(this.state.polygonTesselator, this);
  }

  updateGeometry(changes) {
    super.updateGeometry(withCut(changes));
  }
}

export class GroundPathLayer extends PathLayer {
  static layerName = 'GroundPathLayer';

  static defaultProps = STEPPED;

  initializeState() {
    super.initializeState();
    cutBy(this.state.pathTesselator, this);
  }

  updateState(changes) {
    super.updateState(withCut(changes));
  }
}

/** Properties of a GeoJsonLayer whose figures lie on the ground. */
export function lyingOnGround({ fill, line }) {
  return { _subLayerProps: {
    'polygons-fill': { type: GroundPolygonLayer, step: fill },
    'polygons-stroke': { type: GroundPathLayer, step: line },
    linestrings: { type: GroundPathLayer, step: line },
  } };
}
