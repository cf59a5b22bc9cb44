/** Open alarms by severity: the one block in which a figure may be coloured. */
import { html } from 'lit';
import { number } from '../../format.js';
import { t } from '../../i18n/index.js';
import { SEVERITIES } from '../../alarms/alarm-terms.js';
import { OPEN_ALARMS } from '../figures.js';
import { Block } from './wall-block.js';
import { changeWords, spark } from './wall-figure.js';

class WallAlarms extends Block {
  render() {
    const { figures } = this;
    const trend = figures.trend(OPEN_ALARMS);
    const calm = trend.value === 0 ? figures.calmDays() : 0;
    return this.block('alarms', html`
      <dl class="wall-severities">${SEVERITIES.map((severity) => this.#severity(severity, figures))}</dl>
      ${trend.value === 0 ? html`<p class="wall-calm" data-testid="calm"><shapan-icon name="empty"></shapan-icon>${
        calm > 1 ? t('wall.calm.days', { count: number(calm) }) : t('wall.calm')}</p>` : ''}
      <p class="wall-was">${spark(trend)}<span>${changeWords(trend)}</span></p>`, html`<span class="wall-total"><b>${number(trend.value)}</b></span>`);
  }

  #severity(severity, figures) {
    const open = figures.value(`alarms_${severity}`);
    const waiting = figures.value(`unacknowledged_${severity}`) ?? 0;
    return html`
      <div data-severity=${severity} ?data-open=${open > 0} ?data-waiting=${waiting > 0}>
        <dt><shapan-severity severity=${severity}></shapan-severity>${t(`severity.${severity}`)}</dt>
        <dd data-testid="alarms-${severity}" data-value=${open ?? ''}>${number(open)}</dd>
        <dd class="wall-unseen">${waiting > 0 ? t('wall.unacknowledged', { count: number(waiting) }) : ''}</dd>
      </div>`;
  }
}
customElements.define('shapan-wall-alarms', WallAlarms);
