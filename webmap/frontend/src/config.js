/** What the server wrote into the page: language, style, time zone, addresses. Read once, before anything else. */

/** @returns {{lang: string, style: string, timeZone: string, account: string, urls: Record<string, string>, build: string}} */
export function readConfig(root = document) {
  return JSON.parse(root.getElementById('config').textContent);
}

/** Put `values` into the `{name}` places of an address: ('/api/buildings/{id}', {id: 7}) → '/api/buildings/7'. */
export function address(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name]));
}
