/** The forms of this device as they are: those in its box, and over them what has an answer and could not be kept. */
export class Shelf {
  /** By id, as a full disk takes nothing more. Sending goes on all the same. */
  #unkept = new Map();

  /** Why the box took something not; null where it takes all. */
  full = null;

  constructor(box) {
    this.box = box;
  }

  async forms() {
    return (await this.box.all('edits')).map((item) => this.#unkept.get(item.id) ?? item);
  }

  async keep(...changed) {
    for (const item of changed) this.#unkept.set(item.id, item);
    if (this.#unkept.size === 0) return;
    if (await this.tried(() => this.box.put('edits', ...this.#unkept.values()))) this.#unkept.clear();
  }

  async drop(...ids) {
    for (const id of ids) this.#unkept.delete(id);
    if (ids.length) await this.tried(() => this.box.remove('edits', ...ids));
  }

  /** @returns {boolean} whether the box has done it */
  async tried(work) {
    try {
      await work();
      return true;
    } catch (error) {
      this.full = error;
      return false;
    }
  }
}
