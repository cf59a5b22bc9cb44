/**
 * Runs for weeks: begins each day anew, and loads the page again when the server has another one or the graphics have gone. A page
 * is loaded only when the server has just given it: a wall that asks a server that is away shows the browser's own words. Another
 * build waits until nothing has the picture, however long. A map that is gone is missed most while alarms go on: then the page is
 * loaded between two pictures, and after a minute in the middle of one.
 */

/** Milliseconds: between two looks at the server's page; spread, because all walls hear of a restart at once. */
const LOOK = 3_600_000;
const SPREAD = 20_000;
const AGAIN = 15_000;

/** After the stream was lost: it may be that this browser is no wall any more. */
const SOON = 1500;

/** Milliseconds after which graphics that are lost are waited for no longer, and until graphics that came back stay. */
const LOST_MOST = 60_000;
export const BACK = 3000;

/** Milliseconds between two looks whether a computer that cannot draw can by now: browsers refuse for minutes what has failed often. */
const PROBE = 60_000;

/** Milliseconds by which the server's clock and one that nobody can set may differ from one look to the next. */
const SET = 60_000;

/** What the server's page is for a browser whose link has expired or was revoked. */
export const OVER = Symbol('over');

export class Watch {
  #day = null;
  #timer = null;
  #lost = false;

  /** When the graphics were lost; null while they are there. */
  #brokenAt = null;

  /** The server has just given the page that is to take the place of a broken one. */
  #given = false;

  /** The server's time and that of the clock that nobody can set, as of the last look. */
  #looked = null;

  /**
   * @param {object} parts
   * @param {{build: string, timeZone: string}} parts.config
   * @param {import('../store.js').Store} parts.store
   * @param {(broken: boolean) => boolean} parts.quiet nothing has the picture; nor waits for it, unless the map is broken
   * @param {() => void} parts.onDay another day has begun in the command centre's zone, or the server's clock was set
   * @param {() => Promise<string|symbol|null>} [parts.served] build of the page that the server has now; null where it gives none,
   *   OVER where this browser may have none any more
   * @param {() => void} [parts.reload]
   * @param {() => number} [parts.now] milliseconds of a clock that never jumps
   */
  constructor({
    config, store, quiet, onDay, served = servedBuild, reload = () => location.reload(), random = Math.random, now = () => performance.now(),
  }) {
    Object.assign(this, { config, store, quiet, onDay, served, reload, random, now });
    this.formatter = new Intl.DateTimeFormat('en-CA', { timeZone: config.timeZone, dateStyle: 'short' });
  }

  /** A stream begins: the server may have been started with another page. */
  streamBegan() {
    this.#plan(this.random() * SPREAD);
  }

  /** The map cannot be drawn any more: the page begins anew. Once more where the graphics are back, which half a map knows nothing of. */
  broken(wait = AGAIN) {
    this.#brokenAt ??= this.now();
    this.#plan(wait);
  }

  /** There was never anything to draw with: look now and then whether there is. */
  blind(probe) {
    const timer = setInterval(() => {
      if (!probe()) return;
      clearInterval(timer);
      this.broken(0);
    }, PROBE);
  }

  /** One picture has ended and another one begins, or the tour goes on: nothing is lost by loading the page now. */
  between() {
    if (this.#given) this.reload();
  }

  /** The stream is 'connecting', 'live' or 'stale'. A picture of before is not left to whoever may not see it any more. */
  connection(state) {
    const lost = state === 'stale';
    if (lost && !this.#lost) this.#plan(this.random() * SOON);
    this.#lost = lost;
  }

  /** Called with each look at the clock. */
  look() {
    const [told, at] = [this.store.now(), this.now()];
    const day = this.formatter.format(told);
    const set = this.#looked !== null && Math.abs(told - this.#looked.told - (at - this.#looked.at)) > SET;
    if (set || (this.#day !== null && day !== this.#day)) this.onDay();
    this.#day = day;
    this.#looked = { told, at };
    if (this.#given && at - this.#brokenAt >= LOST_MOST) this.reload();
  }

  #plan(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), delay);
    this.#timer.unref?.(); // Node's tests end without it
  }

  async #ask() {
    const build = await this.served();
    if (build === OVER) return this.reload();
    const broken = this.#brokenAt !== null;
    const other = build !== null && (broken || build !== this.config.build);
    this.#given = other && broken;
    if (other && this.quiet(broken)) return this.reload();
    this.#plan(other || broken || this.#lost ? AGAIN : LOOK);
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
