/** The planner page: wiring only. */
import '../tokens.css';
import './planner.css';
import './plan-side.css';
import './plan-sheet.css';
import '../panels/icons.js';
import './planner-bar.js';
import './community-list.js';
import './plan-map-panel.js';
import './plan-tools.js';
import './plan-side.js';
import './plan-dialog.js';
import './plan-sheet.js';
import { readConfig } from '../config.js';
import { LANGUAGES, setLanguage } from '../i18n/index.js';
import { PageStream } from '../live/page-stream.js';
import { followRole } from '../role-switch.js';
import { Store } from '../store.js';
import { keyed } from './keys.js';
import { INITIAL, PlannerPage } from './page.js';

const config = readConfig();
const query = new URLSearchParams(location.search);
const lang = query.get('lang');
setLanguage(Object.hasOwn(LANGUAGES, lang ?? '') ? lang : config.lang);
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback), initial: INITIAL });
const actions = new PlannerPage({ config, store });

const put = (name) => document.querySelector(`[data-slot="${name}"]`).append(Object.assign(document.createElement(`shapan-${name}`), { store, config, actions }));
['planner-bar', 'community-list', 'plan-tools', 'plan-side', 'plan-dialog', 'plan-sheet'].forEach(put);
// The map comes with the first plan, and stays.
const withPlan = () => {
  const open = store.state.plan !== null;
  document.body.dataset.open = String(open);
  const slot = document.querySelector('[data-slot="plan-map"]');
  if (open && !slot.firstChild) put('plan-map');
};
store.subscribe(['plan'], withPlan);

const stream = new PageStream({
  config,
  heard: {
    onMessage: (name, data) => actions.hear(name, data), onGap: () => store.state.plan && actions.reload(), onStatus: (status) => store.set('stream', { stream: status }),
    onServerTime: (time) => store.setServerTime(time),
  },
});
stream.start();
stream.follow();
followRole(() => location.reload());
document.addEventListener('keydown', (event) => keyed(event, actions, store.state));
// For tests and for whoever looks into the page.
window.shapan = { store, actions, project: (lon, lat) => actions.project(lon, lat) };
const plan = /^\d{1,15}$/.test(query.get('plan') ?? '') ? Number(query.get('plan')) : null;
actions.start(plan);
