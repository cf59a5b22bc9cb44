/** The survey page of a keeper: wiring only. */
import '../tokens.css';
import './survey.css';
import '../panels/icons.js';
import './survey-bar.js';
import './survey-main.js';
import { leaveLink, openLink } from '../access-link.js';
import { ApiError, requestJson } from '../api.js';
import { readConfig } from '../config.js';
import { setLanguage, t } from '../i18n/index.js';
import { Store } from '../store.js';
import { openBox } from './box.js';
import { INITIAL, SurveyPage } from './page.js';
import { byCanvas, shrunk } from './photo.js';
import { Sync } from './sync.js';

const POSITION = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 };
const PHOTO_TIMEOUT_MS = 60_000;

const config = readConfig();
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback), initial: INITIAL });
const clock = { now: () => Date.now(), later: (work, ms) => setTimeout(work, ms), forget: (timer) => clearTimeout(timer) };

const locate = () => new Promise((resolve, reject) => {
  if (!navigator.geolocation) reject(new Error('none'));
  else navigator.geolocation.getCurrentPosition(({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }), reject, POSITION);
});

async function putPhoto({ id, edit, blob }) {
  let response;
  try {
    response = await fetch(`/api/survey/photos/${id}?edit=${edit}`, {
      method: 'PUT', body: blob, headers: { 'Content-Type': 'image/jpeg' }, signal: AbortSignal.timeout(PHOTO_TIMEOUT_MS),
    });
  } catch {
    throw new ApiError({ status: 0, title: t('error.network') });
  }
  if (response.ok) return;
  const problem = await response.json().catch(() => ({}));
  throw new ApiError({ status: response.status, title: problem.title ?? String(response.status), detail: problem.detail });
}

/** Without the browser's locks each tab sends; what is sent twice counts once. */
const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());

setLanguage(config.lang);
const box = await openBox(globalThis.indexedDB);
let page = null;
const sync = new Sync({ box, ask: requestJson, putPhoto, alone, clock, tell: (told) => page.heard(told) });
page = new SurveyPage({
  store, box, sync, locate, clock, shrink: (file) => shrunk(file, byCanvas), newId: () => crypto.randomUUID(),
  channel: globalThis.BroadcastChannel ? new BroadcastChannel('shapan-survey') : null,
});
page.leave = async () => {
  if (!await page.empty()) return;
  await leaveLink();
  location.reload();
};

addEventListener('popstate', ({ state }) => page.popped(state));
addEventListener('online', () => sync.run());
addEventListener('offline', () => page.heard({ link: 'offline' }));
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && sync.run());
addEventListener('beforeunload', (event) => {
  if (!box.lasting && page.waiting()) event.preventDefault();
});

for (const name of ['bar', 'main']) {
  const panel = Object.assign(document.createElement(`shapan-survey-${name}`), { store, config, actions: page });
  document.querySelector(`[data-slot="survey-${name}"]`).append(panel);
}
try {
  await openLink(window);
} catch (error) {
  if (!error.title) throw error;
  page.linkError = error;
}
await page.start();
document.documentElement.dataset.survey = 'ready';
// What is kept must not be thrown away by the browser when the disk gets full.
navigator.storage?.persist?.();
try {
  await navigator.serviceWorker.register(config.urls.worker, { scope: config.urls.page });
  document.documentElement.dataset.worker = 'registered';
} catch {
  page.heard({ installed: false }); // none in this browser, or it is not allowed: the page works while it is open
}
