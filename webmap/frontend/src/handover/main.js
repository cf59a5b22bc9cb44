/** The page of handovers: wiring only. */
import '../tokens.css';
import './handover.css';
import '../panels/icons.js';
import './handover-bar.js';
import './shift-report.js';
import './frozen.js';
import { readConfig } from '../config.js';
import { setLanguage } from '../i18n/index.js';
import { printByDay } from '../printing.js';
import { Store } from '../store.js';
import { HandoverPage, INITIAL } from './page.js';

const config = readConfig();
const store = new Store({ nextFrame: (callback) => requestAnimationFrame(callback), initial: INITIAL });
setLanguage(config.lang);

const actions = new HandoverPage({ config, store });
for (const [slot, name] of [['handover-bar', 'handover-bar'], ['handover-page', config.id === null ? 'shift-report' : 'frozen']]) {
  const panel = Object.assign(document.createElement(`shapan-${name}`), { store, config, actions });
  document.querySelector(`[data-slot="${slot}"]`).append(panel);
}
printByDay(document.documentElement);
actions.start();
