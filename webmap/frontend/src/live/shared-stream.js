/**
 * A tab's end of the live stream that the tabs of a browser share (`stream-tabs.js` is the other end).
 *
 * It answers like a LiveStream. The worker may end without a word as a network may, so it is watched in the same way:
 * it says something every two seconds; without that the badge is stale after 8 s, and another worker is asked for
 * after 12 s. One that never says anything cannot be had here, or not any more, and the tab opens a stream of its own.
 */
import { REOPEN_AFTER, STALE_AFTER } from './stream.js';

const TICK = 500;

export class SharedStream {
  #port = null;
  #heard = null;
  #spoke = false;
  #timer = null;
  #state = null;

  /**
   * @param {object} parts
   * @param {() => MessagePort} parts.connect asks for the worker
   * @param {() => void} parts.onUnusable there is no worker to be had; this object has stopped
   * The other callbacks are those of LiveStream.
   */
  constructor({ connect, onMessage, onGap, onStatus, onServerTime, onUnusable, clock = {} }) {
    Object.assign(this, { connect, onMessage, onGap, onStatus, onServerTime, onUnusable });
    this.now = clock.now ?? (() => performance.now());
    this.setInterval = clock.setInterval ?? ((callback, ms) => setInterval(callback, ms));
    this.clearInterval = clock.clearInterval ?? ((timer) => clearInterval(timer));
  }

  start() {
    this.#status({ state: 'connecting', since: null });
    this.#open();
    this.#timer = this.setInterval(() => this.#watch(), TICK);
  }

  stop() {
    this.clearInterval(this.#timer);
    this.#close();
  }

  /** Look at the clock, here and in the worker: the page is shown again. */
  check() {
    this.#watch();
    this.#port?.postMessage({ type: 'check' });
  }

  /** The network is said to be back. */
  hurry() {
    this.#port?.postMessage({ type: 'hurry' });
  }

  /** The worker cannot be loaded. */
  fail() {
    if (this.#spoke || this.#port === null) return;
    this.stop();
    this.onUnusable();
  }

  #open() {
    this.#heard = this.now();
    this.#spoke = false;
    const port = this.connect();
    this.#port = port;
    port.onmessage = ({ data }) => port === this.#port && this.#hear(data);
    port.start?.();
    port.postMessage({ type: 'hello' });
  }

  #close() {
    this.#port?.postMessage({ type: 'bye' });
    this.#port?.close();
    this.#port = null;
  }

  #hear(message) {
    this.#heard = this.now();
    this.#spoke = true;
    if (message.type === 'ping') this.#port.postMessage({ type: 'pong' });
    if (message.state !== undefined) this.#said(message);
    else if (message.type === 'message') this.onMessage(message.name, message.data);
    else if (message.type === 'gap') this.onGap();
    else if (message.type === 'time') this.onServerTime(message.time);
    else if (message.type === 'forgotten') this.#reopen();
  }

  #said({ state, age }) {
    this.#status({ state, since: age === null ? null : this.now() - age });
  }

  #reopen() {
    this.#status({ state: 'stale', since: this.#heard });
    this.#close();
    this.#open();
  }

  #watch() {
    if (this.#port === null) return;
    const silence = this.now() - this.#heard;
    if (silence >= STALE_AFTER) this.#status({ state: 'stale', since: this.#heard });
    if (silence < REOPEN_AFTER) return;
    if (this.#spoke) this.#reopen();
    else this.fail();
  }

  #status(status) {
    if (status.state === this.#state) return;
    this.#state = status.state;
    this.onStatus(status);
  }
}
