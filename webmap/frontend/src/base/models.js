/** 三维模型: which tilesets are drawn. What draws them is loaded when the first one is wanted. */
import { fetchOwn } from './own-files.js';
import { lowestOf, modelBox } from './tileset.js';

export class Models {
  /** Name → `{ tileset, url }` of those that were asked for; `tileset` is null until it is here. */
  #known = new Map();

  /** Makes a layer; null until it is loaded. */
  #draw = null;
  #loading = null;

  /**
   * @param {object} parts
   * @param {() => void} parts.onChange another one is here
   * @param {(name: string) => void} parts.onTrouble a file of one did not come
   */
  constructor({ onChange, onTrouble }) {
    Object.assign(this, { onChange, onTrouble });
  }

  /**
   * Layers of the models that are shown.
   * @param {{name: string, tileset: string, imported_at: string, bounds: number[]}[]} shown
   * @param {{relief: object, beforeId: string}} look
   */
  layers(shown, { relief, beforeId }) {
    for (const name of this.#known.keys()) if (!shown.some((one) => one.name === name)) this.#known.delete(name);
    return shown.flatMap((model) => {
      const { document } = this.#want(model);
      if (document === null || this.#draw === null) return [];
      const lowest = lowestOf(document.root);
      // Model and terrain count heights from different zeros: what is lowest of the one stands on the lowest of the other.
      const lift = lowest === null ? 0 : Math.round(this.#ground(model, relief) - lowest);
      return [this.#draw(model, { lift, root: document.root, beforeId, onTileError: () => this.onTrouble(model.name) })];
    });
  }

  #ground({ bounds }, relief) {
    return relief.on ? Math.min(...modelBox(bounds).map(([longitude, latitude]) => relief.at(longitude, latitude))) : 0;
  }

  #want(model) {
    const key = `${model.tileset} ${model.imported_at}`;
    const known = this.#known.get(model.name);
    if (known?.key === key) return known;
    const wanted = { key, document: null };
    this.#known.set(model.name, wanted);
    this.#load(model, wanted);
    return wanted;
  }

  async #load(model, wanted) {
    try {
      this.#loading ??= import('./model-layer.js');
      const [{ modelLayer }, answer] = await Promise.all([this.#loading, fetchOwn(model.tileset)]);
      if (!answer.ok) throw new TypeError(`${answer.status}`);
      wanted.document = await answer.json();
      this.#draw = modelLayer;
      this.onChange();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      this.onTrouble(model.name);
    }
  }
}
