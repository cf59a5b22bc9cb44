/**
 * Playback (回放) of a window: a head that moves through it. What happened in the `trail` before the head is shown.
 *
 * At 1× an hour of the window passes in a second; at 4× and 16× as many. The head moves with the browser's frames and
 * therefore not at all while the page is hidden. Who dislikes motion sees it step, once a second.
 */

export const SPEEDS = [1, 4, 16];

/** Milliseconds of the window that pass in a second at 1×. */
export const HOUR = 3_600_000;

/** A frame that took longer than this, as the first one after the page was hidden, counts as this long: milliseconds. */
const LONGEST_FRAME = 1000;
const STEP = 1000;

/** How much before the head is shown: an hour of a day or two, more of a longer window. */
export function trailOf({ from, to }) {
  const hours = (to - from) / HOUR;
  if (hours <= 48) return HOUR;
  return (hours <= 14 * 24 ? 6 : 24) * HOUR;
}

/** Where a head is after some milliseconds; it stops at the end. */
export function advance(head, passed, speed, to) {
  return Math.min(to, head + (passed / 1000) * speed * HOUR);
}

/** What is shown with the head at an instant: [from, to), in milliseconds since 1970. */
export const shownAt = (head, { from, trail }) => ({ from: Math.max(from, head - trail), to: head });

/**
 * Whether the map tells of events that have been: a window is played, or one is looked at that is over. What happens now steps back
 * from it. The whole picture of an instant (past) has its own alarms, which do not.
 */
export const looksBack = ({ layers, past, playback, eventView: { total, following } }) => (
  layers.events && !past.on && total > 0 && (playback.on || !following));

/** How much of an event is left to see, 1 at the head and 0 at the end of the trail. */
export const freshness = (at, head, trail) => Math.min(1, Math.max(0, 1 - (head - at) / trail));

export class Playback {
  #last = null;
  #waited = 0;
  #frame = 0;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {(callback: (now: number) => void) => void} parts.nextFrame
   * @param {() => boolean} parts.stepwise whether the person dislikes motion
   */
  constructor({ store, nextFrame, stepwise }) {
    Object.assign(this, { store, nextFrame, stepwise });
  }

  get #state() {
    return this.store.state.playback;
  }

  #set(changes) {
    this.store.set('playback', { playback: { ...this.#state, ...changes } });
  }

  /** Take on a window, with the head at its beginning and nothing played yet. */
  reset({ from, to }) {
    this.#set({ on: false, playing: false, from, to, head: from, trail: trailOf({ from, to }) });
  }

  /** Show the whole window again. */
  stop() {
    if (this.#state.on) this.reset(this.#state);
  }

  /** Play from the head on, or from the beginning where it stands at the end; or pause. */
  toggle() {
    if (this.#state.playing) this.pause();
    else this.play();
  }

  play() {
    const { from, to, head, on } = this.#state;
    if (!(from < to)) return;
    this.#last = null;
    this.#waited = 0;
    this.#set({ on: true, playing: true, head: on && head < to ? head : from });
    this.#ask();
  }

  pause() {
    this.#set({ playing: false });
  }

  setSpeed(speed) {
    this.#set({ speed });
  }

  /** Put the head somewhere; it plays on from there if it was playing. */
  seek(head) {
    const { from, to } = this.#state;
    this.#set({ on: true, head: Math.min(to, Math.max(from, head)) });
  }

  #ask() {
    this.#frame += 1;
    const mine = this.#frame;
    this.nextFrame((now) => mine === this.#frame && this.#tick(now));
  }

  #tick(now) {
    const { playing, head, speed, to } = this.#state;
    if (!playing) return;
    const passed = this.#last === null ? 0 : Math.min(now - this.#last, LONGEST_FRAME);
    this.#last = now;
    this.#waited += passed;
    if (!this.stepwise() || this.#waited >= STEP) {
      const next = advance(head, this.#waited, speed, to);
      this.#waited = 0;
      if (next !== head) this.#set({ head: next, playing: next < to });
      if (next >= to) return;
    }
    this.#ask();
  }
}
