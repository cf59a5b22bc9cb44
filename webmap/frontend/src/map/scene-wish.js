/**
 * What the scene should be: one wish that every action edits, so that a later one never forgets an earlier one.
 * Only the newest edition counts: an older request is given up.
 */
export class SceneWish {
  #wish = {};
  #abort = null;

  /** @param {(wish: object, signal: AbortSignal) => Promise<object>} read asks the server for all that a wish needs */
  constructor(read) {
    this.read = read;
  }

  /** True when the wish says all this already. */
  holds(changes) {
    return Object.entries(changes).every(([name, value]) => this.#wish[name] === value);
  }

  /**
   * Edit the wish and ask for the whole of it. After a failure the wish stays: the next time it is asked for again.
   * @param {{metric?: string, style?: string}} changes
   * @returns {Promise<{wish: object, answer: object}|null>} null when a newer edition has taken over
   * @throws what `read` throws
   */
  async ask(changes) {
    this.#wish = { ...this.#wish, ...changes };
    this.#abort?.abort();
    this.#abort = new AbortController();
    const wish = this.#wish;
    const { signal } = this.#abort;
    try {
      const answer = await this.read(wish, signal);
      return signal.aborted ? null : { wish, answer };
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }
}
