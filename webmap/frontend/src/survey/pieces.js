/**
 * 发送失败: what the failure of one form or photograph means for it, and for what is behind it. Pure.
 *
 * A piece that fails does not hold up the others. After some tries it is put aside: it is shown, and tried again later or as soon
 * as its keeper asks. What stops everything (no network, a link that is over) or asks for patience is no fault of the piece.
 */

/** Tries after which a piece is put aside. */
export const TRIES = 3;

/** Until one that was put aside is tried again by itself. */
export const ASIDE_MS = 600_000;

/** Of a photograph that the browser itself cannot read any more. */
export const LOST = 'lost';

/** Nothing else can be sent either: no network, or the link is over. */
export const endsAll = ({ status }) => [0, 401, 403].includes(status);

/** The server wants to be left alone for a while, or is away. */
export const wantsRest = ({ status }) => [429, 502, 503, 504].includes(status);

/** A failure of the page itself or of the device, and of no request. */
export const isOurs = ({ status }) => status === undefined;

/** A photograph that no further try will bring to the server. */
export const isFinal = ({ status, reason }) => reason === LOST || [404, 413, 422].includes(status);

/** The piece as it is after one more failure. @param {number} now milliseconds */
export const failed = (piece, { status }, now) => ({ ...piece, tries: (piece.tries ?? 0) + 1, failure: status, again_at: now + ASIDE_MS });

export const isAside = ({ tries = 0 }) => tries >= TRIES;

/** Whether `at` lies ahead by no more than `most`: more means that the clock was set. */
const ahead = (at, now, most) => at > now && at - now <= most;

/** Whether a piece may be sent now. */
export const isDue = (piece, now) => !isAside(piece) || !ahead(piece.again_at, now, ASIDE_MS);

/** The piece, to be tried at once. */
export const asked = (piece) => ({ ...piece, again_at: 0 });

/** Until when which of forms, photographs and all else is to be left alone, as the server told. */
export class Rests {
  #until = new Map();

  /** @param {string} what. @param {number|null} seconds as told. @param {number} now milliseconds */
  told(what, seconds, now) {
    if (seconds) this.#until.set(what, { at: now + seconds * 1000, most: seconds * 1000 });
  }

  has(what, now) {
    const { at, most } = this.#until.get(what) ?? { at: 0, most: 0 };
    if (ahead(at, now, most)) return true;
    this.#until.delete(what);
    return false;
  }

  /** When the first of them ends; null without one. */
  next(now) {
    const all = [...this.#until.keys()].filter((what) => this.has(what, now)).map((what) => this.#until.get(what).at);
    return all.length ? Math.min(...all) : null;
  }
}
