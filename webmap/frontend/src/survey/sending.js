/** Sends the forms and photographs of a keeper: one that fails holds up none behind it. */
import { isRecorded, settled, shared, toSend, WAITING, wire } from './forms.js';
import { endsAll, failed, isDue, isFinal, isOurs, LOST, wantsRest } from './pieces.js';

/** Forms in one request. */
const BATCH = 20;

/** So many failures without a success in between are the server's and no form's. */
const IN_A_ROW = 3;

export class Sending {
  /** A photograph that got no answer: it was too much for this network, or there is none. */
  #unanswered = null;

  /** @param {object} parts as of Sync; `shelf`: see shelf.js; `now`: milliseconds by the server's clock */
  constructor({ shelf, box, ask, putPhoto, clock, now, tell }) {
    Object.assign(this, { shelf, box, ask, putPhoto, clock, now, tell });
  }

  /**
   * Send what waits of a keeper's forms, the first made first.
   * @returns {Error|null} a failure that was some form's own
   * @throws {ApiError} none can be sent now
   */
  async forms(keeper) {
    const tried = new Set();
    const alone = new Set();
    const attempt = ({ id, follows }) => `${id} ${follows}`;
    let held = null;
    let inARow = 0;
    for (;;) {
      const { items } = shared(await this.shelf.forms(), keeper);
      const batch = toSend(items, keeper, BATCH, {
        ready: (item) => isDue(item, this.clock.now()) && !tried.has(attempt(item)),
        alone: (item) => item.tries > 0 || alone.has(item.id),
      });
      if (batch.length === 0) return held;
      let answer;
      try {
        answer = await this.#post(batch);
      } catch (error) {
        if (isOurs(error) || endsAll(error) || wantsRest(error)) throw error;
        if (batch.length > 1) {
          // One of them, perhaps: which, they tell one by one.
          for (const { id } of batch) alone.add(id);
          continue;
        }
        tried.add(attempt(batch[0]));
        held = error;
        inARow += 1;
        await this.#changed(failed(batch[0], error, this.clock.now()));
        if (inARow === IN_A_ROW) throw error;
        continue;
      }
      inARow = -Infinity;
      for (const item of batch) tried.add(attempt(item));
      await this.#changed(...settled(items, answer, batch, this.now()));
    }
  }

  #post(items) {
    const sentAt = new Date(this.clock.now()).toISOString();
    return this.ask('/api/survey/edits', { method: 'POST', body: { sent_at: sentAt, edits: items.map(wire) } });
  }

  async #changed(...items) {
    if (items.length === 0) return;
    await this.shelf.keep(...items);
    this.tell({ items: await this.shelf.forms() });
  }

  /**
   * Send photographs of forms that are on record, those that failed least first. One that the server cannot take is put aside
   * until the keeper has seen it.
   * @returns {Error|null} a failure that was some photograph's own
   * @throws {ApiError} none can be sent now
   */
  async photos(keeper) {
    const items = new Map((await this.shelf.forms()).map((item) => [item.id, item]));
    const due = (await this.box.all('photos')).filter((photo) => photo.keeper === keeper && !photo.refused && isDue(photo, this.clock.now()));
    let held = null;
    this.#unanswered = null;
    for (const photo of due.sort((one, other) => (one.tries ?? 0) - (other.tries ?? 0))) {
      const item = items.get(photo.edit);
      if (item && (item.state === WAITING || !isRecorded(item))) continue;
      try {
        await this.putPhoto(photo);
      } catch (error) {
        if (isFinal(error)) {
          await this.#refused(photo, item, error);
          continue;
        }
        if (isOurs(error) || wantsRest(error) || (endsAll(error) && error.status !== 0)) throw error;
        held = error;
        if (error.status === 0) {
          this.#unanswered = photo;
          break;
        }
        await this.#failed(photo, error);
        continue;
      }
      await this.shelf.tried(() => this.box.remove('photos', photo.id));
    }
    return held;
  }

  /** The list has come since: the network is there, and a photograph without an answer has failed by itself. */
  async networkSeen() {
    if (this.#unanswered) await this.#failed(this.#unanswered, { status: 0 });
    this.#unanswered = null;
  }

  #failed(photo, error) {
    return this.shelf.tried(() => this.box.put('photos', failed(photo, error, this.clock.now())));
  }

  #refused(photo, item, { status, reason }) {
    const { building_name, unit, number } = item ?? {};
    const refused = { status: reason === LOST ? LOST : status, building_name, unit, number };
    return this.shelf.tried(() => this.box.put('photos', { ...photo, refused }));
  }
}
