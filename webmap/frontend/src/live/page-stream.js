/**
 * The live stream of a page: one for all tabs of this browser, account and roles, or one of its own where there is no shared
 * worker to be had. It sleeps while the page is put aside, and looks at the clock when the page is shown again.
 */
import { SharedStream } from './shared-stream.js';
import { LiveStream } from './stream.js';

export class PageStream {
  #stream = null;

  /**
   * @param {object} parts
   * @param {object} parts.config of the page: `urls`, `account`, `me`
   * @param {object} parts.heard callbacks `onMessage`, `onGap`, `onStatus`, `onServerTime`, as a LiveStream has them
   * @param {object} [parts.browser] what it needs of one: `SharedWorker` (undefined where it has none), `EventSource`
   * @param {object} [parts.clock] as a LiveStream has it
   */
  constructor({ config, heard, browser = globalThis, clock }) {
    Object.assign(this, { config, heard, browser, clock });
  }

  start() {
    if (this.#stream !== null) this.#stream.start();
    else if (typeof this.browser.SharedWorker === 'undefined') this.#startOwn();
    else this.#startShared();
  }

  /** Go on and off with the page. */
  follow({ page = globalThis, document = globalThis.document } = {}) {
    page.addEventListener('online', () => this.#stream.hurry());
    document.addEventListener('visibilitychange', () => this.#stream.check());
    page.addEventListener('pagehide', () => this.#stream.stop());
    page.addEventListener('pageshow', (event) => event.persisted && this.start());
  }

  #begin(stream) {
    this.#stream = stream;
    stream.start();
  }

  #startOwn() {
    const { config, heard, clock, browser } = this;
    this.#begin(new LiveStream({ url: config.urls.live, connect: (url) => new browser.EventSource(url), clock, ...heard }));
  }

  #startShared() {
    const { config: { urls, account, me }, heard, clock, browser } = this;
    const url = `${urls.streamWorker}?${new URLSearchParams({ live: urls.live, snapshot: urls.snapshot })}`;
    const shared = new SharedStream({
      connect: () => {
        const worker = new browser.SharedWorker(url, { name: `stream of ${account} as ${me.roles.join(' ')}`, type: 'module' });
        worker.addEventListener('error', () => shared.fail());
        return worker.port;
      },
      onUnusable: () => this.#startOwn(),
      clock,
      ...heard,
    });
    this.#begin(shared);
  }
}
