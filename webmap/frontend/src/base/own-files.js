/** Files of this service and of no other: a tileset names the files that it needs, and might name any host. */

export class ForeignFile extends TypeError {}

/**
 * Fetch a file of this service.
 * @throws {ForeignFile} for an address of another host, of which nothing is asked; data within an address is no host's
 */
export function fetchOwn(url, options, { origin = globalThis.location?.origin, get = fetch } = {}) {
  const address = new URL(url, origin);
  const inside = ['data:', 'blob:'].includes(address.protocol);
  if (!inside && address.origin !== origin) return Promise.reject(new ForeignFile(`${address.origin} is another host.`));
  return get(url, { ...options, credentials: 'same-origin', redirect: 'error' });
}
