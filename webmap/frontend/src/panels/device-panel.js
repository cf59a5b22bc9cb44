/** 设备设施: which kinds and classes are on the map, how many there are, and how they fare. */
import { html } from 'lit';
import { ALL, isAnyChosen, isChosen } from '../devices/device-state.js';
import { classIcon, kindIcon, totals } from '../devices/device-terms.js';
import { number } from '../format.js';
import { named, t } from '../i18n/index.js';
import { shareBar, stateSign, troubles } from './device-signs.js';
import { kindWords } from './dossier-parts.js';
import { folding } from './folding.js';
import { Panel } from './panel.js';
import { todayTag } from './past-words.js';

const LEGEND = [['fresh', 0], ['late', 2], ['lost', 3], ['unknown', 1]];

class DevicePanel extends Panel {
  static topics = ['devices', 'folded', 'past'];

  render() {
    if (!this.config.urls.devices) return '';
    const { choice, counts } = this.store.state.devices;
    const sum = totals(counts.kinds);
    return folding(this, 'devices', () => this.#content(), html`${this.store.state.past.on ? todayTag() : ''}
      <span class="trouble-counts" data-testid="device-troubles">${troubles(sum, ['late', 'lost'])}</span>
      <input type="checkbox" role="switch" class="lone-switch" data-testid="devices-switch" aria-label=${t('devices.show.all')}
        title=${t('devices.show.all')} .checked=${isAnyChosen(choice.kinds)}
        @change=${(event) => this.actions.devices.showAll('kinds', event.target.checked)}>`);
  }

  #content() {
    const { choice, counts, classes, near, from, zoom, unread } = this.store.state.devices;
    const chosen = isAnyChosen(choice.kinds) || isAnyChosen(choice.classes);
    return html`
      <div class="device-panel" data-testid="device-panel" data-status=${counts.status}>
        ${chosen && !near ? html`<p class="hint far" data-testid="devices-far">${t('devices.far', { from, zoom: zoom?.toFixed(1) })}
          <button type="button" @click=${() => this.actions.devices.comeNear()}>${t('devices.near')}</button></p>` : ''}
        ${unread ? html`<p class="hint bad">${t('devices.unread')}</p>` : ''}
        <div class="segmented compact" role="radiogroup" aria-label=${t('devices.filter')}>
          ${[['all', false], ['silent', true]].map(([name, silent]) => html`
            <button type="button" role="radio" aria-checked=${choice.silent === silent} data-testid="filter-${name}"
              title=${silent ? t('devices.filter.hint') : ''}
              @click=${() => this.actions.devices.showSilentOnly(silent)}>${t(`devices.filter.${name}`)}</button>`)}
        </div>
        ${this.#kinds(choice, counts)}
        ${this.#classes(choice, classes)}
        <ul class="mark-legend" aria-label=${t('devices.legend')}>${LEGEND.map(([name, rank]) => html`
          <li>${stateSign(rank)}${t(`devices.legend.${name}`)}</li>`)}</ul>
      </div>`;
  }

  #kinds(choice, { status, kinds, error }) {
    if (status === 'failed' && kinds.length === 0) return html`<p class="hint bad">${t('devices.failed', { detail: error.message })}</p>`;
    if (kinds.length === 0) return html`<p class="hint">${t(status === 'ready' ? 'devices.empty' : 'devices.loading')}</p>`;
    return html`<ul class="kinds">${kinds.map((one) => {
      const { fresh, late, lost, unknown } = one;
      return this.#row('kinds', {
        code: one.kind, icon: kindIcon(one.kind), name: kindWords({ ...one, kind_name: one.name, kind_name_en: one.name_en }),
        total: one.total, counts: { fresh, unknown, late, lost },
        words: t('devices.bar', { fresh: number(fresh), late: number(late), lost: number(lost), unknown: number(unknown) }),
        bad: troubles(one, ['late', 'lost']), choice,
      });
    })}</ul>`;
  }

  #classes(choice, { classes }) {
    if (classes.length === 0) return '';
    const total = classes.reduce((sum, { normal, damaged, missing }) => sum + normal + damaged + missing, 0);
    return html`
      <details class="classes" ?open=${isAnyChosen(choice.classes)}>
        <summary data-testid="facilities-open"><span>${t('devices.facilities')}</span><b>${number(total)}</b></summary>
        <label class="switch all"><span>${t('devices.filter.all')}</span><input type="checkbox" role="switch" data-testid="facilities-switch"
          .checked=${choice.classes === ALL} @change=${(event) => this.actions.devices.showAll('classes', event.target.checked)}></label>
        <ul class="kinds">${classes.map((one) => {
          const { normal, damaged, missing } = one;
          return this.#row('classes', {
            code: one.code, icon: classIcon(one), name: named(one), total: normal + damaged + missing, counts: { normal, damaged, missing },
            words: t('devices.bar.class', { normal: number(normal), damaged: number(damaged), missing: number(missing) }),
            bad: troubles(one, ['damaged', 'missing']), choice,
          });
        })}</ul>
      </details>`;
  }

  #row(among, { code, icon, name, total, counts, words, bad, choice }) {
    return html`
      <li data-testid="${among}-${code}">
        <label class="switch"><shapan-icon name=${icon}></shapan-icon>
          <span class="kind-words"><span class="kind-name" title=${name}>${name}</span>${bad}<b class="kind-total">${number(total)}</b></span>
          <input type="checkbox" role="switch" .checked=${isChosen(choice[among], code)}
            @change=${(event) => this.actions.devices.show(among, code, event.target.checked)}></label>
        ${shareBar(counts, words)}
      </li>`;
  }
}
customElements.define('shapan-device-panel', DevicePanel);
