/**
 * The tabs of one browser on one live stream: what the shared worker does.
 *
 * A browser opens six connections to a host, and a stream takes one for as long as it lasts. So one worker owns the
 * stream and tells every tab what it hears. A tab that comes later is given a snapshot of its own, asked for after
 * its first message, and then what the stream has told since: nothing is kept here that could grow old.
 */

/** How often each tab is asked whether it is there, which tells it that the worker is. */
export const PING_EVERY = 2_000;

/** A tab that has not answered for so long is forgotten: it crashed, or the browser has frozen it. */
export const FORGOTTEN_AFTER = 20_000;

export class Tabs {
  #tabs = new Map();
  #stream = null;
  #timer = null;
  #status = null;

  /**
   * @param {object} parts
   * @param {(callbacks: object) => LiveStream} parts.makeStream makes a stream with these callbacks
   * @param {() => Promise<{seq: number}>} parts.fetchSnapshot asks the server for a snapshot
   * @param {object} [parts.clock] `{ now, setInterval, clearInterval }`
   */
  constructor({ makeStream, fetchSnapshot, clock = {} }) {
    Object.assign(this, { makeStream, fetchSnapshot });
    this.now = clock.now ?? (() => performance.now());
    this.setInterval = clock.setInterval ?? ((callback, ms) => setInterval(callback, ms));
    this.clearInterval = clock.clearInterval ?? ((timer) => clearInterval(timer));
  }

  /** How many tabs are listening. */
  get size() {
    return this.#tabs.size;
  }

  /** A tab has connected. `port` is its MessagePort. */
  join(port) {
    port.onmessage = ({ data }) => this.#hear(port, data);
    port.start?.();
  }

  #hear(port, { type }) {
    const tab = this.#tabs.get(port);
    if (type === 'hello') this.#add(port);
    else if (tab === undefined) return;
    else if (type === 'bye') this.#forget(port);
    else if (type === 'pong') tab.heard = this.now();
    else if (type === 'hurry') this.#stream.hurry();
    else if (type === 'check') this.#stream.check();
  }

  #add(port) {
    const tab = { port, heard: this.now(), has: false, held: null };
    this.#tabs.set(port, tab);
    port.postMessage({ type: 'ping', ...this.#said(tab) });
    if (this.#stream === null) this.#begin();
    else if (this.#status?.state === 'live') this.#introduce(tab);
  }

  #begin() {
    this.#stream = this.makeStream({
      onMessage: (name, data, seq) => this.#tell(name, data, seq),
      onGap: () => this.#each((tab) => tab.port.postMessage({ type: 'gap' })),
      onStatus: (status) => this.#changed(status),
      onServerTime: (time) => this.#each((tab) => tab.port.postMessage({ type: 'time', time })),
    });
    this.#timer = this.setInterval(() => this.#ping(), PING_EVERY);
    this.#stream.start();
  }

  #forget(port) {
    this.#tabs.delete(port);
    port.close();
    if (this.#tabs.size > 0 || this.#stream === null) return;
    this.clearInterval(this.#timer);
    this.#stream.stop();
    this.#stream = null;
    this.#status = null;
  }

  #ping() {
    const now = this.now();
    for (const tab of [...this.#tabs.values()]) {
      if (now - tab.heard >= FORGOTTEN_AFTER) {
        tab.port.postMessage({ type: 'forgotten' }); // a tab that thaws hears it after all that waited for it
        this.#forget(tab.port);
      } else {
        tab.port.postMessage({ type: 'ping', ...this.#said(tab) });
      }
    }
  }

  /** The connection's state for a tab that knows what the stream has told; nothing for one that does not. */
  #said({ has }) {
    if (!has || this.#status === null) return {};
    const { state, since } = this.#status;
    return { state, age: since === null ? null : this.now() - since }; // a tab's clock has another beginning
  }

  #each(callback) {
    for (const tab of this.#tabs.values()) callback(tab);
  }

  #tell(name, data, seq) {
    const message = { type: 'message', name, data };
    this.#each((tab) => {
      if (name === 'snapshot') Object.assign(tab, { has: true, held: null });
      if (tab.held !== null) tab.held.push({ message, seq });
      else if (tab.has) tab.port.postMessage(message);
    });
  }

  #changed(status) {
    this.#status = status;
    this.#each((tab) => {
      // The stream may be live again without a snapshot, after a silence that was shorter than its patience.
      if (status.state === 'live' && !tab.has) this.#introduce(tab);
      else if (tab.has) tab.port.postMessage({ type: 'status', ...this.#said(tab) });
      else if (tab.held === null) tab.port.postMessage({ type: 'status', state: status.state, age: null });
    });
  }

  /** Give a snapshot to a tab that came while the stream was live. */
  async #introduce(tab) {
    if (tab.held !== null) return;
    const held = [];
    tab.held = held;
    tab.port.postMessage({ type: 'gap' });
    let snapshot;
    try {
      snapshot = await this.fetchSnapshot();
    } catch {
      // The stream may say why, and begins with a snapshot for all.
      if (tab.held === held) tab.held = null;
      if (this.#tabs.has(tab.port)) this.#stream.restart();
      return;
    }
    if (tab.held !== held || !this.#tabs.has(tab.port)) return; // the stream was quicker, or the tab is gone
    Object.assign(tab, { has: true, held: null });
    tab.port.postMessage({ type: 'message', name: 'snapshot', data: snapshot });
    for (const { message, seq } of held) {
      if (seq > snapshot.seq || message.name === 'tiles-changed') tab.port.postMessage(message);
    }
    tab.port.postMessage({ type: 'status', ...this.#said(tab) });
  }
}
