/** The sandbox page: wiring only. */
import './tokens.css';
import './page.css';
import './panels/icons.js';
import './panels/top-bar.js';
import './panels/warning-strip.js';
import './panels/exploded-panel.js';
import './panels/legend.js';
import './panels/keeper-panel.js';
import './panels/keeper-card.js';
import './panels/layer-list.js';
import './panels/device-panel.js';
import './panels/events-panel.js';
import './panels/grid-panel.js';
import './panels/alarm-list.js';
import './panels/alarm-dossier.js';
import './panels/warning-card.js';
import './panels/grid-card.js';
import './panels/grid-hover.js';
import './panels/card-tabs.js';
import './panels/device-card.js';
import './panels/facility-card.js';
import './panels/device-group-card.js';
import './panels/building-card.js';
import './panels/household-card.js';
import './panels/room-list.js';
import './panels/cell-card.js';
import './panels/event-card.js';
import './panels/map-controls.js';
import './panels/measure-bar.js';
import './panels/freeze-form.js';
import './panels/notices.js';
import './panels/past-alarms.js';
import './panels/past-badge.js';
import './panels/past-strip.js';
import './panels/no-webgl.js';
import { readConfig } from './config.js';
import { setLanguage } from './i18n/index.js';
import { PageStream } from './live/page-stream.js';
import { probeWebgl } from './map/map.js';
import { printByDay } from './printing.js';
import { followRole } from './role-switch.js';
import { Sandbox } from './sandbox.js';
import { Store } from './store.js';
import { UrlState } from './url-state.js';

/** Panels of every page, each in the slot of its name; and those that speak of the map or lie over it. */
const PANELS = [
  'top-bar',
  'warning-strip',
  'alarm-list',
  'past-alarms',
  'card-tabs',
  'alarm-dossier',
  'warning-card',
  'event-card',
  'grid-card',
  'device-card',
  'facility-card',
  'building-card',
  'household-card',
  'room-list',
  'freeze-form',
  'past-badge',
  'past-strip',
];
const MAP_PANELS = [
  'exploded-panel',
  'legend',
  'grid-panel',
  'device-panel',
  'events-panel',
  'layer-list',
  'keeper-panel',
  'keeper-card',
  'device-group-card',
  'cell-card',
  'map-controls',
  'measure-bar',
  'notices',
  'grid-hover',
];

const config = readConfig();
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback) });
const url = new UrlState({ history, location, collect: () => sandbox.urlState() });
const opening = url.read();
setLanguage(opening.lang ?? config.lang);

const sandbox = new Sandbox({ config, store, url });
sandbox.restore(opening);

const webgl = probeWebgl();
printByDay(document.documentElement);
const drawable = webgl !== 'none';
const panels = drawable ? [...PANELS, ...MAP_PANELS] : [...PANELS, 'no-webgl'];
for (const name of panels) {
  const panel = Object.assign(document.createElement(`shapan-${name}`), { store, config, actions: sandbox });
  document.querySelector(`[data-slot="${name}"]`).append(panel);
}
document.documentElement.dataset.webgl = webgl;

const stream = new PageStream({
  config,
  heard: {
    onMessage: (name, data) => sandbox.receive(name, data),
    onGap: () => sandbox.streamBegins(),
    onStatus: (connection) => store.set('connection', { connection }),
    onServerTime: (time) => store.setServerTime(time),
  },
});
stream.start();
stream.follow();
followRole(() => location.reload());
document.addEventListener('visibilitychange', () => sandbox.household.check());
// A page that is kept for the way back must not keep a person.
addEventListener('pagehide', () => sandbox.household.forget());
addEventListener('keydown', (event) => event.key === 'Escape' && sandbox.escape());

if (drawable) sandbox.view.open();
else sandbox.view.openWithoutMap();
