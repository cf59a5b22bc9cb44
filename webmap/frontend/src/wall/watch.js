/**
 * Runs for weeks: begins each day anew, and loads the page again when the server has another one or the graphics have gone. A page
 * is loaded only when the server has just given it, and while nothing has the picture: a wall that asks a server that is away shows
 * the browser's own words.
 */

/** Milliseconds: between two looks at the server's page; spread, because all walls hear of a restart at once. */
const LOOK = 3_600_000;
const SPREAD = 20_000;
const AGAIN = 15_000;

/** After the stream was lost: it may be that this browser is no wall any more. */
const SOON = 1500;

/** What the server's page is for a browser whose link has expired or was revoked. */
export const OVER = Symbol('over');

export class Watch {
  #day = null;
  #timer = null;
  #wanted = false;
  #lost = false;

  /**
   * @param {object} parts
   * @param {{build: string, timeZone: string}} parts.config
   * @param {import('../store.js').Store} parts.store
   * @param {() => boolean} parts.quiet (a getter on the wall) nothing has the picture
   * @param {() => void} parts.onDay another day has begun in the command centre's zone, or the clock was set
   * @param {() => Promise<string|symbol|null>} [parts.served] build of the page that the server has now; null where it gives none,
   *   OVER where this browser may have none any more
   * @param {() => void} [parts.reload]
   */
  constructor({ config, store, quiet, onDay, served = servedBuild, reload = () => location.reload(), random = Math.random }) {
    Object.assign(this, { config, store, quiet, onDay, served, reload, random });
    this.formatter = new Intl.DateTimeFormat('en-CA', { timeZone: config.timeZone, dateStyle: 'short' });
  }

  /** A stream begins: the server may have been started with another page. */
  streamBegan() {
    this.#plan(this.random() * SPREAD);
  }

  /** The map cannot be drawn any more: the page begins anew. */
  broken(wait = AGAIN) {
    this.#wanted = true;
    this.#plan(wait);
  }

  /** The stream is 'connecting', 'live' or 'stale'. A picture of before is not left to whoever may not see it any more. */
  connection(state) {
    const lost = state === 'stale';
    if (lost && !this.#lost) this.#plan(this.random() * SOON);
    this.#lost = lost;
  }

  /** Called with each look at the clock. */
  look() {
    const day = this.formatter.format(this.store.now());
    if (this.#day !== null && day !== this.#day) this.onDay();
    this.#day = day;
  }

  #plan(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), delay);
    this.#timer.unref?.(); // Node's tests end without it
  }

  async #ask() {
    const build = await this.served();
    if (build === OVER) return this.reload();
    const other = build !== null && (this.#wanted || build !== this.config.build);
    if (other && this.quiet()) return this.reload();
    this.#plan(other || this.#wanted || this.#lost ? AGAIN : LOOK);
    return undefined;
  }
}

/** The build that the server's page names; OVER where it gives this browser none any more, asked for with the page itself. */
async function servedBuild() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store', signal: AbortSignal.timeout(8000) });
    if (answer.status === 401) return OVER;
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return JSON.parse(page.getElementById('config').textContent).build ?? null;
  } catch {
    return null; // no answer, or a proxy's own page
  }
}
