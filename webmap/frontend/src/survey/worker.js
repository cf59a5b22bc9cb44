/**
 * The survey page without a network: keeps the page and its files, and nothing else. What is personal, or changes, is in IndexedDB and
 * never in this cache. The server puts `SHELL` before this: `{ version, page, files }`.
 */
const { version, page, files } = self.SHELL;
const CACHE = `shapan-survey-${version}`;
const OURS = /^shapan-survey-/;

/** Longer than that nobody waits for a page that is here already. */
const PATIENCE_MS = 3_000;

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([page, ...files]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => OURS.test(name) && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

async function fresh(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(page);
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (answer.ok) {
      await cache.put(page, answer.clone());
      return answer;
    }
    // A proxy's page of errors is none of ours.
    return kept ?? answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === page) event.respondWith(fresh(request));
  else if (files.includes(pathname)) event.respondWith(caches.match(request, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)));
});
