/** The data page: wiring only. */
import '../tokens.css';
import './data.css';
import './forms.css';
import './imports/runs.css';
import './imports/upload.css';
import './imports/run-detail.css';
import './sheets.css';
import './layers/catalogue.css';
import './keepers/assessment.css';
import './connect/connect.css';
import './rates/rates.css';
import './rooms/rooms.css';
import './conflicts/conflicts.css';
import './rooms/building.css';
import './rooms/assign.css';
import './links/links.css';
import './paper.css';
import '../panels/icons.js';
import './data-bar.js';
import './sections-rail.js';
import './run-table.js';
import './run-detail.js';
import './upload-panel.js';
import './rates/rates-panel.js';
import './rooms/rooms-panel.js';
import './conflicts/conflicts-panel.js';
import './keepers/assessment-panel.js';
import './layers/catalogue-panel.js';
import './connect/connect-panel.js';
import './links/links-panel.js';
import { readConfig } from '../config.js';
import { setLanguage } from '../i18n/index.js';
import { printByDay } from '../printing.js';
import { followRole } from '../role-switch.js';
import { Store } from '../store.js';
import { DataPage, INITIAL, parseQuery } from './page.js';

/** What stands in the page from its beginning, and what comes when its section is first shown. */
const ALWAYS = ['data-bar', 'sections-rail'];
const IN_SECTION = {
  imports: ['run-table', 'run-detail', 'upload-panel'], rates: ['rates-panel'], rooms: ['rooms-panel'], survey: ['conflicts-panel'], keepers: ['assessment-panel'],
  layers: ['catalogue-panel'], connect: ['connect-panel'],
  links: ['links-panel'],
};

/** Counts are a minute old at most after a change: asking more often would tell nothing new. */
const REFRESH_MS = 60_000;

const config = readConfig();
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback), initial: INITIAL });
const opening = parseQuery(location.search);
setLanguage(opening.lang ?? config.lang);

const actions = new DataPage({ config, store });
const put = (names) => names.forEach((name) => {
  const slot = document.querySelector(`[data-slot="${name}"]`);
  if (!slot.firstChild) slot.append(Object.assign(document.createElement(`shapan-${name}`), { store, config, actions }));
});

/** A section that was left keeps what stands in it: a form half filled in, a map where it was. */
function showSection() {
  const { view } = store.state;
  document.body.dataset.view = view;
  put(IN_SECTION[view]);
}

put(ALWAYS);
store.subscribe(['view'], showSection);
followRole(() => location.reload());
setInterval(() => actions.refresh(), REFRESH_MS);
printByDay(document.documentElement);
addEventListener('keydown', (event) => event.key === 'Escape' && actions.close());
addEventListener('popstate', () => actions.wentBack());
actions.start(opening);
showSection();
