/**
 * The survey page without a network: keeps the page and its files, and nothing else. What is personal, or changes, is in IndexedDB and
 * never in this cache. The server puts `SHELL` before this: `{ version, page, files }`.
 *
 * A cache holds one build, written when its worker is installed and never after: a page of one build and files of another would be
 * no page at all. The build before serves until then.
 */
const { version, page, files } = self.SHELL;
const CACHE = `shapan-survey-${version}`;
const OURS = /^shapan-survey-/;

/** Longer than that nobody waits for a page that is here already. */
const PATIENCE_MS = 3_000;

/** What the page says of its build, and the files that it asks for. */
const BUILD = /data-shell="([0-9a-f]+)"/;
const ASSETS = /(?:href|src)="(\/static\/[^"]+)"/g;

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    // Past the browser's own cache; a build that was put in place meanwhile has its own worker.
    const answer = await fetch(page, { cache: 'reload' });
    if (!answer.ok || BUILD.exec(await answer.clone().text())?.[1] !== version) throw new Error('The page is of another build.');
    const cache = await caches.open(CACHE);
    await cache.addAll(files);
    await cache.put(page, answer);
    await self.skipWaiting();
  })().catch(async (error) => {
    await caches.delete(CACHE);
    throw error;
  }));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => OURS.test(name) && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

/** Whether a file came, to its end: from then on the browser's own cache has it. */
async function came(path, signal) {
  const answer = await fetch(path, { signal });
  await answer.arrayBuffer();
  return answer.ok;
}

/** Whether a page of the network can be shown: it is ours, and all that it asks for comes as well. */
async function isWhole(answer, signal) {
  if (!answer.ok) return false;
  const text = await answer.text();
  const build = BUILD.exec(text)?.[1];
  if (build === version) return true;
  if (build === undefined) return false; // a proxy's page of errors, or of a network that wants a password
  const asked = await Promise.all([...text.matchAll(ASSETS)].map(([, path]) => came(path, signal)));
  return asked.every((ok) => ok);
}

async function fresh(request) {
  const kept = await caches.match(page, { cacheName: CACHE });
  if (kept === undefined) return fetch(request);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(request, { signal });
    return await isWhole(answer.clone(), signal) ? answer : kept;
  } catch {
    return kept;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === page) event.respondWith(fresh(request));
  else if (files.includes(pathname)) event.respondWith(caches.match(request, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)));
});
