/** The open alarms that need somebody most, each in one line. */
import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { duration, number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { isPending, rank, severityOf, typeIcon } from '../../alarms/alarm-terms.js';
import { toldAt } from '../briefs.js';
import { siteOf, typeOf } from './wall-words.js';
import { Block } from './wall-block.js';

/** Lines that a list holds at most; what does not fit in its block is cut whole lines at a time. */
const MOST = 8;

class WallWaiting extends Block {
  static topics = ['alarms', 'wall'];

  static interval = 15_000;

  render() {
    const { store } = this;
    const open = [...store.alarms.values()];
    const first = open.filter(({ shelved_until: shelved }) => !shelved).sort((one, other) => rank(other) - rank(one) || other.id - one.id).slice(0, MOST);
    const beside = html`<span class="wall-total">${number(store.pendingAlarms())}</span>`;
    return this.block('waiting', first.length === 0
      ? html`<p class="wall-none">${store.alarmsKnown ? t('wall.waiting.none') : ''}</p>`
      : html`<ol class="wall-list">${repeat(first, ({ id }) => id, (brief) => this.#line(brief))}</ol>`, beside);
  }

  #line(brief) {
    const severity = severityOf(brief);
    return html`
      <li data-severity=${severity} data-state=${brief.state} ?data-waiting=${isPending(brief)} data-alarm-id=${brief.id}>
        <span class="alarm-sign"><shapan-severity severity=${severity}></shapan-severity><shapan-icon name=${typeIcon(brief.type)}></shapan-icon></span>
        <b>${typeOf(brief)}</b>
        <span class="wall-site">${siteOf(brief, this.actions.rollUp)}</span>
        <time>${duration(this.store.now() - toldAt(brief))}</time>
      </li>`;
  }
}
customElements.define('shapan-wall-waiting', WallWaiting);
