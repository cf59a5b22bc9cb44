/**
 * 巡演: which stop of a tour the wall stands at. Pure: it is told the time.
 *
 * A stop whose place is no more is passed over, and how many were is known, so that the page can say it. While something has
 * taken the picture the tour waits, and begins its stop anew afterwards.
 */

/** Seconds that a stop lasts at least and at most, whatever is on record. */
const [SHORTEST, LONGEST] = [3, 3600];

export const secondsOf = ({ seconds }) => Math.min(LONGEST, Math.max(SHORTEST, Number(seconds) || SHORTEST));

export class Tour {
  #stops = [];
  #at = 0;
  #since = null;

  name = '';
  skipped = 0;

  /** Take on a tour as the server resolves it; one that says the same goes on where it is. */
  take({ name = '', stops = [] }) {
    const there = stops.filter(({ gone, bounds, camera, target }) => !gone && (bounds || camera || target?.camera));
    this.skipped = stops.length - there.length;
    this.name = name;
    const same = JSON.stringify(there) === JSON.stringify(this.#stops);
    if (same) return false;
    const here = JSON.stringify(this.stop ?? null);
    this.#stops = there;
    const found = there.findIndex((stop) => JSON.stringify(stop) === here);
    this.#at = Math.max(0, found);
    if (found < 0) this.#since = null;
    return true;
  }

  get length() {
    return this.#stops.length;
  }

  /** From 0. */
  get at() {
    return this.#at;
  }

  get stop() {
    return this.#stops[this.#at];
  }

  /** Go on to another stop: 1 for the next, -1 for the one before. */
  go(steps) {
    const { length } = this.#stops;
    if (length > 0) this.#at = (this.#at + steps + length) % length;
    this.#since = null;
  }

  /** Something else has the picture: this stop begins anew afterwards. */
  wait() {
    this.#since = null;
  }

  /**
   * @param {number} now milliseconds of a clock that never jumps
   * @returns {'begins'|'round'|null} a stop begins, the first one of another round, or nothing new
   */
  look(now) {
    if (this.#stops.length === 0) return null;
    if (this.#since === null) {
      this.#since = now;
      return 'begins';
    }
    if (this.#stops.length === 1 || now - this.#since < secondsOf(this.stop) * 1000) return null;
    this.go(1);
    this.#since = now;
    return this.#at === 0 ? 'round' : 'begins';
  }
}
