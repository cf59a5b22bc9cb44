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

/** The token in the address, which is not there any more afterwards; null without one. */
export function takeToken(location, history) {
  const found = TOKEN.exec(location.hash);
  if (found === null) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return found[1];
}

/**
 * Open the link in the address. Returns the page to load now; null where the address has no token.
 * @throws {ApiError} the link opens nothing any more (410: see `members.reason`), or nobody answered
 */
export async function openLink({ location, history, request = requestJson }) {
  const token = takeToken(location, history);
  if (token === null) return null;
  const { path } = await request(EXCHANGE_URL, { method: 'POST', body: { token } });
  return path;
}

/**
 * Open the link in a page's own address before the page asks for anything. True where another page is being loaded for it, and
 * nothing is left to do; false where the page goes on as who it is, `onTrouble` told why its link opens nothing.
 */
export async function openedLink({ location, history, request = requestJson, onTrouble }) {
  try {
    const path = await openLink({ location, history, request });
    if (path !== null) location.replace(path + location.search);
    return path !== null;
  } catch (error) {
    if (!error.title) throw error;
    onTrouble(told(error));
    return false;
  }
}

/** What a link's failure means for who stands before the page. */
export function told({ reason, title, detail, cure }) {
  return isTerm('link', reason) ? t(`link.${reason}`) : [title, detail, cure].filter(Boolean).join(' ');
}

/** Have this browser be nobody in particular again. @throws {ApiError} nobody answered */
export function leaveLink(request = requestJson) {
  return request(LEAVE_URL, { method: 'POST' });
}
