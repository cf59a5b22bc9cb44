/** Requests to our own server. Every failure becomes one ApiError that says what was wrong and what to do. */
import { t } from './i18n/index.js';

const TIMEOUT_SECONDS = 20;

/**
 * A request that failed. `status` is 0 when no answer came. `cure` may be empty when `detail` holds it. `faults`: what was wrong
 * with which part of it, `{ place, message }` each; `retryS`: seconds until another try, `reason`: a word for why, where the server says so;
 * `problem`: all that it said.
 */
export class ApiError extends Error {
  constructor({ status, title, detail = '', cure = '', requestId = '', faults = [], retryS = null, reason = null, problem = null }) {
    super(detail || title);
    Object.assign(this, { name: 'ApiError', status, title, detail, cure, requestId, faults, retryS, reason, problem });
  }
}

function unreadable(status) {
  return new ApiError({ status, title: t('error.unreadable', { status }), cure: t('error.unreadable.cure') });
}

async function failure(response) {
  try {
    const problem = await response.json();
    return new ApiError({
      status: response.status,
      title: problem.title ?? t('error.unreadable', { status: response.status }),
      detail: problem.detail ?? '',
      requestId: problem.request_id ?? '',
      faults: problem.faults ?? [],
      retryS: Number(response.headers.get('Retry-After')) || null,
      reason: problem.reason ?? null,
      problem,
    });
  } catch {
    return unreadable(response.status); // not JSON: a proxy answered with its own page
  }
}

/**
 * Ask `url` for JSON. What is sent is `body` as JSON, or `data` of a `mediaType`. `signal` cancels; a cancelled request rejects with the DOMException 'AbortError'.
 * @throws {ApiError} no connection, no answer in time, a status that is not 2xx, or an answer that is not JSON.
 */
export function requestJson(url, options) {
  return request(url, 'application/json', (response) => response.json(), options);
}

/** Ask `url` for bytes that `read` makes sense of, which throws where there is none. @throws {ApiError} as requestJson */
export function requestBytes(url, mediaType, read, options) {
  return request(url, mediaType, async (response) => read(await response.arrayBuffer()), options);
}

async function request(url, mediaType, read, { method = 'GET', body = {}, data, mediaType: sent = 'application/json', headers = {}, timeoutSeconds = TIMEOUT_SECONDS, signal } = {}) {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: { Accept: mediaType, ...(method === 'GET' ? {} : { 'Content-Type': sent }), ...headers },
      body: method === 'GET' ? undefined : data ?? JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    throw undone(error, timeoutSeconds);
  }
  if (!response.ok) throw await failure(response);
  try {
    return await read(response);
  } catch (error) {
    if (error.name === 'AbortError' || error.name === 'TimeoutError') throw undone(error, timeoutSeconds);
    throw unreadable(response.status);
  }
}

/** What a request that got no answer, or no whole one, is told as. */
function undone(error, seconds) {
  if (error.name === 'AbortError') return error;
  if (error.name === 'TimeoutError') {
    return new ApiError({
      status: 0, title: t('error.timeout', { seconds }), cure: t('error.timeout.cure'),
    });
  }
  return new ApiError({ status: 0, title: t('error.network'), cure: t('error.network.cure') });
}
