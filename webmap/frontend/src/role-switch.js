/**
 * 演示账号切换角色: which role the demo account plays is the server's affair, kept in a cookie that scripts cannot read. A
 * page is made for a role, so that every open page of this browser is loaded again when it changes.
 */
import { requestJson } from './api.js';

export const ROLE_URL = '/api/me/role';

/** Name under which the pages of a browser tell each other. */
const CHANNEL = 'shapan role';

/**
 * Play `role` from now on; afterwards all pages load again, this one too, at the same address.
 * @throws {ApiError} it was refused; everything is as before
 */
export async function chooseRole(role, { request = requestJson, channel = new BroadcastChannel(CHANNEL), reload }) {
  try {
    await request(ROLE_URL, { method: 'POST', body: { role } });
    channel.postMessage(role); // reaches every page but this one
  } finally {
    channel.close();
  }
  reload();
}

/** Load this page again when another one has changed the role. */
export function followRole(reload, channel = new BroadcastChannel(CHANNEL)) {
  channel.onmessage = () => reload();
}
