/** The wall page: wiring only. */
import '../tokens.css';
import './wall.css';
import '../panels/icons.js';
import './panels/wall-head.js';
import './panels/wall-warnings.js';
import './panels/wall-stock.js';
import './panels/wall-rates.js';
import './panels/wall-roll-up.js';
import './panels/wall-alarms.js';
import './panels/wall-waiting.js';
import './panels/wall-events.js';
import './panels/wall-takeover.js';
import './panels/wall-foot.js';
import './panels/wall-notice.js';
import { isNews, openedLink } from '../access-link.js';
import { readConfig } from '../config.js';
import { setLanguage, t } from '../i18n/index.js';
import { probeWebgl } from '../map/map.js';
import { followRole } from '../role-switch.js';
import { PageStream } from '../live/page-stream.js';
import { optionsOf } from './options.js';
import { Sound } from './sound.js';
import { SteadyStore } from './steady-store.js';
import { Wall } from './wall.js';
import { wallState } from './wall-state.js';

const PANELS = ['head', 'warnings', 'stock', 'rates', 'roll-up', 'alarms', 'waiting', 'events', 'takeover', 'foot', 'notice'];

/** Milliseconds after which a pointer that rests is not shown: nobody holds it. */
const POINTER_RESTS = 3000;

/** Half of the time in which what waits comes and goes: less than one flash a second. */
const BEAT = 600;

const config = readConfig();
const root = document.documentElement;
setLanguage(new URLSearchParams(location.search).get('lang') ?? config.lang);
Object.assign(document, { title: t('wall.page') });

/** Why the link in the address opened nothing, where there was one. */
let linkTrouble = null;
let tellTrouble = () => {};
const onTrouble = (sentence, error) => {
  linkTrouble = isNews(config.account, error) ? sentence : null;
  tellTrouble();
};
// Nothing is asked as who we were: the page is loaded anew as the wall that the link makes of this browser.
if (await openedLink({ location, history, onTrouble })) await new Promise(() => {});

const options = optionsOf(location.search, config.display);
const editing = options.edit !== null && config.mayEdit;
const webgl = probeWebgl();
const low = !editing && (options.low ?? webgl === 'software');
root.dataset.webgl = webgl !== 'none' && low ? 'software' : webgl;
root.toggleAttribute('data-low', low);

const store = new SteadyStore({ nextFrame: (callback) => requestAnimationFrame(callback), initial: wallState() });
const setWall = (changes) => store.set('wall', { wall: { ...store.state.wall, ...changes } });
const sound = new Sound({
  wanted: options.sound, storage: () => localStorage, onState: (state) => setWall({ sound: state }),
  open: () => (typeof AudioContext === 'undefined' ? null : new AudioContext()),
});
const wall = new Wall({ config, store, options, sound, low, editing });

for (const name of PANELS) {
  const panel = Object.assign(document.createElement(`shapan-wall-${name}`), { store, config, actions: wall });
  document.querySelector(`[data-slot="${name}"]`).append(panel);
}

/** The tour editor; it is a file of its own. */
async function edit() {
  root.toggleAttribute('data-edit', true);
  await import('./edit/tour-editor.js');
  const editor = Object.assign(document.createElement('shapan-tour-editor'), { store, config, actions: wall });
  const place = Object.assign(document.createElement('div'), { className: 'wall-edit-place' });
  place.dataset.slot = 'editor';
  place.append(editor);
  document.querySelector('.wall').append(place);
}

const heardNow = () => { store.state.wall.heardAt = performance.now(); };
const stream = new PageStream({
  config,
  heard: {
    onMessage: (name, data) => { heardNow(); wall.receive(name, data); },
    onGap: () => wall.streamBegins(),
    onStatus: (connection) => {
      store.set('connection', { connection });
      wall.watch.connection(connection.state);
    },
    onServerTime: (time) => { heardNow(); store.setServerTime(time); },
  },
});
stream.start();
stream.follow();
followRole(() => location.reload());
addEventListener('keydown', (event) => !event.target.closest?.('input, select, textarea, dialog') && wall.key(event));
for (const name of ['pointerdown', 'keydown']) addEventListener(name, () => sound.unlock());

let resting = null;
addEventListener('pointermove', () => {
  root.removeAttribute('data-resting');
  clearTimeout(resting);
  resting = setTimeout(() => root.setAttribute('data-resting', ''), POINTER_RESTS);
});

// All that waits comes and goes together, in two steps: no frame is drawn between them.
setInterval(() => {
  if (document.querySelector('[data-waiting]')) root.toggleAttribute('data-beat');
  else root.removeAttribute('data-beat');
}, BEAT);

tellTrouble = () => setWall({ linkTrouble });
tellTrouble();
if (editing) await edit();
sound.start();
if (webgl === 'none') root.dataset.scene = 'error';
wall.start({ drawable: webgl !== 'none' });
