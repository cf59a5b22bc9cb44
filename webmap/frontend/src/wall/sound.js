/**
 * 声音: two short tones for what takes the picture, made here and not read from a file. Browsers keep a page silent until somebody
 * has touched it, unless the kiosk was started with that allowed: then the page says so, once, with a button.
 */

const KEY = 'shapan.wall.muted';

/** Hertz and seconds of the tones: an alarm rises twice, a warning is one low and long. */
const TONES = {
  alarm: [[740, 0, 0.22], [988, 0.26, 0.3], [740, 0.75, 0.22], [988, 1.01, 0.3]],
  warning: [[392, 0, 0.7], [330, 0.75, 0.9]],
};

const LOUDNESS = 0.18;

/** Milliseconds: many alarms are one sound. */
const LEAST = 5000;

export class Sound {
  #context = null;
  #muted;
  #at = -Infinity;

  /**
   * @param {object} parts
   * @param {boolean} parts.wanted the wall is to be heard at all
   * @param {() => Storage} parts.storage of this browser, which may forbid to look at it
   * @param {() => AudioContext|null} parts.open
   * @param {(state: string) => void} parts.onState 'on', 'muted' or 'blocked'
   */
  constructor({ wanted, storage, open, onState, now = () => performance.now() }) {
    Object.assign(this, { storage, open, onState, now });
    // A wall that is to be silent is, whatever somebody once pressed.
    this.#muted = !wanted || (this.#remembered() ?? false);
  }

  get state() {
    if (this.#muted) return 'muted';
    return this.#context === null || this.#context.state === 'running' ? 'on' : 'blocked';
  }

  /** Ask whether the browser lets the page be heard, before it matters. */
  async start() {
    if (!this.#muted) await this.#wake();
    this.onState(this.state);
  }

  /** Somebody has touched the page, or asked for it. */
  async unlock() {
    if (this.#muted) return;
    await this.#wake();
    this.onState(this.state);
  }

  async toggle() {
    this.#muted = !this.#muted;
    try {
      this.storage().setItem(KEY, this.#muted ? '1' : '0');
    } catch { /* full or forbidden: it holds until the page is closed */ }
    if (!this.#muted) await this.#wake();
    this.onState(this.state);
  }

  /** @param {'alarm'|'warning'} kind */
  alert(kind) {
    if (this.state !== 'on' || this.#context === null || this.now() - this.#at < LEAST) return;
    this.#at = this.now();
    for (const [hertz, after, seconds] of TONES[kind]) this.#tone(hertz, this.#context.currentTime + 0.02 + after, seconds);
  }

  #tone(hertz, from, seconds) {
    const context = this.#context;
    const [oscillator, gain] = [context.createOscillator(), context.createGain()];
    oscillator.type = 'triangle';
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.015);
    gain.gain.setValueAtTime(LOUDNESS, from + seconds - 0.06);
    gain.gain.linearRampToValueAtTime(0, from + seconds);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + seconds + 0.05); // what has ended is collected
  }

  async #wake() {
    this.#context ??= this.open();
    if (this.#context === null || this.#context.state === 'running') return;
    // Where it is not allowed, the answer comes only when it is: nobody waits for that.
    await Promise.race([this.#context.resume().catch(() => {}), new Promise((resolve) => { setTimeout(resolve, 300); })]);
  }

  #remembered() {
    try {
      const text = this.storage().getItem(KEY);
      return text === null ? null : text === '1';
    } catch {
      return null;
    }
  }
}
