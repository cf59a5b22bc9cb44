/**
 * The live stream: one EventSource and the watch over it.
 *
 * An EventSource reports a half-open connection never, and gives up for good when anything but an event stream
 * answers (a proxy's 502 page). So this module never lets it reconnect by itself: every trouble closes it, and a
 * new one is opened after a back-off. The server begins every new stream with a snapshot, which closes the gap.
 *
 * Times, from the last message: badge "stale" 8 s, new connection 12 s. A closed socket is stale at once.
 */

export const STALE_AFTER = 8_000;
export const REOPEN_AFTER = 12_000;
export const BACKOFF_FIRST = 500;
export const BACKOFF_MOST = 10_000;
const TICK = 500;

/** After `resync` the server sends a new snapshot on the same stream; longer than this is a fault. */
const SNAPSHOT_WITHIN = 3_000;

/** Names of the events that carry data. `heartbeat` and `resync` are handled here. */
export const EVENTS = ['snapshot', 'alarm', 'event', 'device', 'keeper', 'task', 'kpi', 'warning', 'brief', 'plan', 'tiles-changed'];

/** Half to all of a delay that doubles with every failure in a row, up to BACKOFF_MOST. */
export function backoff(failures, random) {
  const ceiling = Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** failures);
  return ceiling * (0.5 + random() / 2);
}

export class LiveStream {
  #source = null;
  #failures = 0;
  #reopenAt = null;
  #lastMessage = null;
  #openedAt = null;
  #timer = null;
  #snapshotDue = null;

  /**
   * @param {object} parts
   * @param {string} parts.url of the stream
   * @param {(url: string) => EventSource} parts.connect makes the EventSource
   * @param {(name: string, data: object, seq: number) => void} parts.onMessage for every event in EVENTS
   * @param {() => void} parts.onGap from now on every change is told; those before may have been missed
   * @param {(status: {state: 'connecting'|'live'|'stale', since: number|null}) => void} parts.onStatus when it
   *   changes; `since` is the last message in milliseconds of `now()`
   * @param {(serverTime: number|string) => void} parts.onServerTime
   * @param {object} [parts.clock] `{ now, setInterval, clearInterval, random }`
   */
  constructor({ url, connect, onMessage, onGap, onStatus, onServerTime, clock = {} }) {
    Object.assign(this, { url, connect, onMessage, onGap, onStatus, onServerTime });
    this.now = clock.now ?? (() => performance.now());
    this.random = clock.random ?? Math.random;
    this.setInterval = clock.setInterval ?? ((callback, ms) => setInterval(callback, ms));
    this.clearInterval = clock.clearInterval ?? ((timer) => clearInterval(timer));
    this.state = null;
  }

  start() {
    this.#status('connecting');
    this.#open();
    this.#timer = this.setInterval(() => this.check(), TICK);
  }

  stop() {
    this.clearInterval(this.#timer);
    this.#close();
  }

  /** Look at the clock. Called by the timer, and when the page is shown again or the network returns. */
  check() {
    const now = this.now();
    if (this.#source === null) {
      if (this.#reopenAt !== null && now >= this.#reopenAt) this.#open();
      return;
    }
    const silence = now - Math.max(this.#lastMessage ?? 0, this.#openedAt);
    if (this.state === 'live' && now - this.#lastMessage >= STALE_AFTER) this.#status('stale');
    if (this.state === 'connecting' && silence >= STALE_AFTER) this.#status('stale');
    const noSnapshot = this.#snapshotDue !== null && now >= this.#snapshotDue;
    if (silence >= REOPEN_AFTER || noSnapshot) this.#fail();
  }

  /** The network is said to be back: do not wait for the rest of the back-off. */
  hurry() {
    if (this.#source === null) this.#reopenAt = this.now();
    this.check();
  }

  /** Begin anew: something that the stream told is missing. */
  restart() {
    if (this.#source !== null) this.#fail();
  }

  #open() {
    this.#reopenAt = null;
    this.#snapshotDue = null;
    this.#openedAt = this.now();
    const source = this.connect(this.url);
    this.#source = source;
    const mine = () => this.#source === source; // an event of a closed source may still be in the queue
    // The server listens before it answers, so that what is asked for from here on is covered by what the stream tells.
    source.addEventListener('open', () => mine() && this.onGap());
    source.addEventListener('error', () => mine() && this.#fail());
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => mine() && this.#receive(name, event));
    }
    source.addEventListener('heartbeat', (event) => mine() && this.#receive('heartbeat', event));
    source.addEventListener('resync', () => {
      if (!mine()) return;
      this.#snapshotDue = this.now() + SNAPSHOT_WITHIN;
      this.onGap();
    });
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #fail() {
    this.#close();
    this.#status('stale');
    this.#reopenAt = this.now() + backoff(this.#failures, this.random);
    this.#failures += 1;
  }

  #receive(name, event) {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      this.#fail(); // half a message: whatever was lost comes again with the snapshot
      return;
    }
    this.#lastMessage = this.now();
    // Only a message proves the connection: a proxy may accept it and then say nothing.
    this.#failures = 0;
    if (name === 'snapshot') this.#snapshotDue = null;
    if (data.now !== undefined) this.onServerTime(data.now);
    if (name !== 'heartbeat') this.onMessage(name, data, Number(event.lastEventId));
    this.#status('live');
  }

  #status(state) {
    if (state === this.state) return;
    this.state = state;
    this.onStatus({ state, since: this.#lastMessage });
  }
}
