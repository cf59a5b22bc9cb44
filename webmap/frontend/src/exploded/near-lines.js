/** 连线: from the alarm whose dossier is open to the nearest camera, hydrant, shelter and keeper; a keeper's follows where he is. */
import { endsOf } from './near-ends.js';
import { nearLinesLayer } from '../layers/near-lines.js';
import { LineEnds } from '../layers/line-ends.js';

export class NearLines {
  /** Code of a keeper → where he was last, as the stream tells it. */
  #keepers = new Map();

  #ends = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {import('./exploded.js').Exploded} parts.exploded where an alarm stands in a building taken apart
   * @param {() => void} parts.onChange the lines are other ones
   * @param {() => object} parts.ground over which they go: base/relief.js
   */
  constructor({ store, exploded, onChange, ground }) {
    Object.assign(this, { store, exploded, onChange, ground });
    this.hears = {
      snapshot: ({ keepers = [] }) => {
        this.#keepers = new Map(keepers.map((keeper) => [keeper.code, keeper]));
        this.#moved();
      },
      keeper: (keeper) => {
        this.#keepers.set(keeper.code, keeper);
        if (this.lines().some(({ code }) => code === keeper.code)) this.#moved();
      },
    };
    store.subscribe(['dossier', 'near-lines'], () => this.onChange());
  }

  opened(cityMap) {
    this.#ends = new LineEnds({
      container: document.getElementById('line-ends'), cityMap, lines: () => this.lines(),
      onFly: ({ to: [longitude, latitude] }) => cityMap.flyTo({ longitude, latitude }),
    });
  }

  layers({ style, scale, below }) {
    const lines = this.lines();
    return lines.length === 0 ? {} : { over: [nearLinesLayer(lines, { style, scale, below })] };
  }

  toggle() {
    this.store.set('near-lines', { nearLines: !this.store.state.nearLines });
  }

  /** `{ kind, code, name, metres, from, to }` each; places are [longitude, latitude, metres above ground]. */
  lines() {
    const { dossier, nearLines } = this.store.state;
    if (!nearLines || dossier.status !== 'open' || dossier.tab !== 'alarm') return [];
    return endsOf(dossier.parts.nearest, dossier.alarm, {
      keepers: this.#keepers, placeOf: (place) => this.exploded.placeOf(place), over: (place) => this.ground().over(place),
    });
  }

  #moved() {
    this.onChange();
    this.#ends?.draw();
  }
}
