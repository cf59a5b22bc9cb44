/** The survey page of a keeper: wiring only. */
import '../tokens.css';
import './survey.css';
import '../panels/icons.js';
import './survey-bar.js';
import './survey-main.js';
import { leaveLink, Link, passes } from '../access-link.js';
import { requestJson } from '../api.js';
import { readConfig } from '../config.js';
import { setLanguage } from '../i18n/index.js';
import { Store } from '../store.js';
import { openBox } from './box.js';
import { INITIAL, SurveyPage } from './page.js';
import { byCanvas, putPhoto, shrunk } from './photo.js';
import { Sync } from './sync.js';

const POSITION = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 };

const config = readConfig();
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback), initial: INITIAL });
const clock = { now: () => Date.now(), later: (work, ms) => setTimeout(work, ms), forget: (timer) => clearTimeout(timer) };

const locate = () => new Promise((resolve, reject) => {
  if (!navigator.geolocation) reject(new Error('none'));
  else navigator.geolocation.getCurrentPosition(({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }), reject, POSITION);
});

/** Without the browser's locks each tab sends; what is sent twice counts once. */
const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());

/** The page and its files are kept first of all: whatever comes after may take as long as a street's network takes. */
async function install() {
  try {
    await navigator.serviceWorker.register(config.urls.worker, { scope: config.urls.page, updateViaCache: 'none' });
    document.documentElement.dataset.worker = 'registered';
  } catch { /* none in this browser, or it is not allowed: the page works while it is open */ }
}

install();
setLanguage(config.lang);
const box = await openBox(globalThis.indexedDB);
let page = null;
const sync = new Sync({ box, ask: requestJson, putPhoto, alone, clock, tell: (told) => page.heard(told) });
page = new SurveyPage({
  store, box, sync, locate, clock, zone: config.timeZone, photosMost: config.photosMost, shrink: (file) => shrunk(file, byCanvas), newId: () => crypto.randomUUID(),
  endSession: () => leaveLink(), channel: globalThis.BroadcastChannel ? new BroadcastChannel('shapan-survey') : null,
});
page.leave = async () => {
  if (await page.empty()) location.reload();
};

addEventListener('popstate', ({ state }) => page.popped(state));
addEventListener('online', () => sync.run());
addEventListener('offline', () => page.heard({ link: 'offline' }));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') sync.run();
  else page.drafts.flush(); // the system may end the page while it is hidden
});
addEventListener('pagehide', () => page.drafts.flush());
addEventListener('beforeunload', (event) => {
  if (!box.lasting && page.waiting()) event.preventDefault();
});

for (const name of ['bar', 'main']) {
  const panel = Object.assign(document.createElement(`shapan-survey-${name}`), { store, config, actions: page });
  document.querySelector(`[data-slot="survey-${name}"]`).append(panel);
}
const link = new Link(window);
const onTrouble = (linkError) => store.set('page', { linkError });
try {
  await link.open();
} catch (error) {
  if (!error.title) throw error;
  onTrouble(error);
  if (passes(error)) link.keepTrying({ onTrouble, onOpened: () => { onTrouble(null); sync.run(); } });
}
await page.start();
document.documentElement.dataset.survey = 'ready';
// What is kept must not be thrown away by the browser when the disk gets full.
navigator.storage?.persist?.();
