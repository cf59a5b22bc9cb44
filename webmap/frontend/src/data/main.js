/** The page of imports: wiring only. */
import '../tokens.css';
import './data.css';
import '../panels/icons.js';
import './data-bar.js';
import './run-table.js';
import './run-detail.js';
import './upload-panel.js';
import { readConfig } from '../config.js';
import { setLanguage } from '../i18n/index.js';
import { followRole } from '../role-switch.js';
import { Store } from '../store.js';
import { DataPage, INITIAL, parseQuery } from './page.js';

const config = readConfig();
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback), initial: INITIAL });
const opening = parseQuery(location.search);
setLanguage(opening.lang ?? config.lang);

const actions = new DataPage({ config, store });
for (const name of ['data-bar', 'run-table', 'run-detail', 'upload-panel']) {
  const panel = Object.assign(document.createElement(`shapan-${name}`), { store, config, actions });
  document.querySelector(`[data-slot="${name}"]`).append(panel);
}
followRole(() => location.reload());
addEventListener('keydown', (event) => event.key === 'Escape' && actions.close());
actions.start(opening);
