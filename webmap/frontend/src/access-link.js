/**
 * 访问链接: a link to a wall or a keeper's page carries its token behind the `#`, which no request and no log ever holds. It is
 * taken out of the address before anything else and exchanged once for a cookie that scripts cannot read.
 */
import { requestJson } from './api.js';
import { isTerm, t } from './i18n/index.js';

export const EXCHANGE_URL = '/api/access-links/exchange';
export const LEAVE_URL = '/api/access-links/leave';

/** 32 bytes in base64url without padding, as the server makes them. */
const TOKEN = /^#([A-Za-z0-9_-]{43})$/;

/** Where a token waits that was not exchanged, because nobody answered: in this tab, until it is closed. */
export const KEPT = 'shapan.link';

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

/** This tab's memory; null where the browser has none, or forbids it: then the page's own has to do. */
function tabMemory() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

/** Run what may fail for want of space or leave. */
function ifPossible(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Whether a failure says nothing of the link: no answer, none in time, or one of a server or proxy in trouble. */
export const passes = ({ status }) => status === 0 || status === 429 || status >= 500;

/** The token in the address, which is not there any more afterwards, or one that waits in this tab; null without either. */
export function takeToken({ location, history, storage = tabMemory() }) {
  const found = TOKEN.exec(location.hash);
  if (found === null) return TOKEN.exec(`#${ifPossible(() => storage?.getItem(KEPT)) ?? ''}`)?.[1] ?? null;
  history.replaceState(history.state, '', location.pathname + location.search);
  ifPossible(() => storage?.setItem(KEPT, found[1]));
  return found[1];
}

/** The link that a page was opened with. */
export class Link {
  #request;
  #storage;
  #timer = null;

  constructor({ location, history, request = requestJson, storage = tabMemory() }) {
    this.#request = request;
    this.#storage = storage;
    this.token = takeToken({ location, history, storage });
  }

  /**
   * Exchange it. Returns the page to load now; null where there is none. The token is forgotten as soon as the server has judged it.
   * @throws {ApiError} the link opens nothing any more (410: see `members.reason`), or nobody answered
   */
  async open() {
    if (this.token === null) return null;
    try {
      const { path } = await this.#request(EXCHANGE_URL, { method: 'POST', body: { token: this.token } });
      this.#forget();
      return path;
    } catch (error) {
      if (!passes(error)) this.#forget();
      throw error;
    }
  }

  /** Try again, later and later, and when the network comes back, until the server has judged the token. */
  keepTrying({ onOpened, onTrouble, page = globalThis, later = setTimeout, forget = clearTimeout }) {
    let [wait, busy] = [FIRST_RETRY_MS, false];
    const again = async () => {
      if (busy || this.token === null) return;
      forget(this.#timer);
      busy = true;
      try {
        onOpened(await this.open());
      } catch (error) {
        if (!error.title) throw error;
        onTrouble(error);
      } finally {
        busy = false;
        wait = Math.min(wait * 2, LONGEST_RETRY_MS);
        if (this.token !== null) this.#timer = later(again, wait);
      }
    };
    page.addEventListener?.('online', again);
    this.#timer = later(again, wait);
  }

  #forget() {
    this.token = null;
    ifPossible(() => this.#storage?.removeItem(KEPT));
  }
}

/**
 * Open the link in a page's own address before the page asks for anything. True where another page is being loaded for it, and
 * nothing is left to do; false where the page goes on as who it is, `onTrouble(sentence, error)` told why its link opens nothing,
 * or nothing yet: then it is tried again, and told again.
 */
export async function openedLink({ location, history, request, storage, onTrouble, ...timing }) {
  const link = new Link({ location, history, request, storage });
  const load = (path) => location.replace(path + location.search);
  const tell = (error) => onTrouble(toldOpening(error), error);
  try {
    const path = await link.open();
    if (path !== null) load(path);
    return path !== null;
  } catch (error) {
    if (!error.title) throw error;
    tell(error);
    if (link.token !== null) link.keepTrying({ onOpened: load, onTrouble: tell, ...timing });
    return false;
  }
}

/** What is said of a link that opens nothing, or nothing yet. */
export const toldOpening = (error) => (passes(error) ? t('link.waiting') : told(error));

/** Whether who stands before a page needs to hear of it: a wall may start with its own link each morning, and opens nothing then. */
export const isNews = (account, { reason }) => !(reason === 'used' && account.startsWith('kiosk:'));

/** What a link's failure means for who stands before the page. */
export function told({ reason, title, detail, cure }) {
  return isTerm('link', reason) ? t(`link.${reason}`) : [title, detail, cure].filter(Boolean).join(' ');
}

/** Have this browser be nobody in particular again. @throws {ApiError} nobody answered */
export function leaveLink(request = requestJson) {
  return request(LEAVE_URL, { method: 'POST' });
}
