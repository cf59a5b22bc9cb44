/** 设备卡片: where a device is, how it is, what it says, what is wrong with it; of a camera the picture. */
import { html } from 'lit';
import { newestFirst, severityOf } from '../alarms/alarm-terms.js';
import { kindIcon, rankOf, valueWords } from '../devices/device-terms.js';
import { ago, dateTime, duration, number, placeInBuilding, shortDateTime } from '../format.js';
import { named, t } from '../i18n/index.js';
import { alarmSign } from './alarm-row.js';
import { typeWords } from './alarm-words.js';
import { cameraView } from './camera-view.js';
import { stateSign } from './device-signs.js';
import { kindWords } from './dossier-parts.js';
import { Panel } from './panel.js';
import { readingCurve } from './reading-curve.js';
import { facts, thingFrame } from './thing-frame.js';

/** Rows of the alarms, and of the changes of freshness, that are shown. */
const ALARMS = 6;
const STEPS = 6;

class DeviceCard extends Panel {
  static topics = ['device', 'camera', 'alarms', 'dossier'];

  static interval = 5000;

  render() {
    const { device } = this.store.state;
    if (device.status === 'closed' || device.what !== 'device') return '';
    return thingFrame(this, device, 'device', () => this.#device(device));
  }

  #device({ card, history }) {
    return html`
      <header>
        <p class="card-kind"><shapan-icon name=${kindIcon(card.kind)}></shapan-icon>${kindWords(card)}
          <code data-testid="device-code">${card.code}</code></p>
        <h2 data-testid="device-name">${card.name || card.code}</h2>
      </header>
      ${this.#freshness(card)}
      ${card.kind === 'camera' || card.has_stream ? this.config.mayWatch ? cameraView(this, card)
        : html`<p class="hint">${t('camera.refused.forbidden')}</p>` : ''}
      ${facts([['place', this.#place(card)], ['height', card.z > 0 ? t('thing.height.value', { value: number(card.z, 1) }) : '']])}
      ${this.#alarms(card)}
      ${this.#values(card, history)}
      ${this.#rules(card)}
      ${this.#steps(card)}`;
  }

  /** How it is, since when, what is expected of it, and who expects it. */
  #freshness({ freshness, last_seen: seen, expected_interval_s: interval, expected_interval_of: of, clock_wrong: wrong }) {
    const rank = rankOf(freshness);
    return html`
      <div class="freshness" data-testid="device-freshness" data-state=${freshness} data-rank=${rank}>
        ${stateSign(rank)}
        <p><b>${t(`freshness.${freshness}`)}</b>
          ${seen ? html`<span>${t('thing.last')} <time title=${dateTime(seen, this.config.timeZone)}>${ago(seen, this.store.now())}</time></span>` : ''}
          <span data-testid="device-interval">${t(`thing.interval.${of}`, { interval: duration(interval * 1000) })}</span>
          ${wrong ? html`<span class="bad">${t('thing.clock')}</span>` : ''}</p>
      </div>`;
  }

  #place(card) {
    const inside = placeInBuilding(card);
    if (!card.building_id) return t('thing.outdoors');
    return html`<button type="button" class="quiet link" data-testid="device-building" title=${t('thing.building')}
      @click=${() => this.actions.opening.openBuilding(card.building_id)}>${card.building_name || card.address || card.building_code}</button>
      ${inside ? html`<b class="inside">${inside}</b>` : ''}`;
  }

  /** Live: what the stream says now. */
  #alarms({ code }) {
    const alarms = newestFirst([...this.store.alarms.values()].filter((alarm) => alarm.device_code === code));
    if (alarms.length === 0) return '';
    return html`
      <section data-testid="device-alarms"><h3>${t('thing.alarms')}</h3>
        <ul class="card-alarms">${alarms.slice(0, ALARMS).map((alarm) => html`
          <li data-severity=${severityOf(alarm)} data-state=${alarm.state}>${alarmSign(alarm)}
            <button type="button" class="quiet open-alarm" title=${t('dossier.open')} @click=${() => this.actions.opening.flyToAlarm(alarm)}>
              <b>${typeWords(alarm.type, this.store.state.alarmTypes)}</b> ${t(`state.${alarm.state}`)}
              <time title=${dateTime(alarm.occurred_at, this.config.timeZone)}>${ago(alarm.occurred_at, this.store.now())}</time></button></li>`)}
        </ul>
      </section>`;
  }

  #values({ kind, values, rules }, history) {
    if (values.length === 0) return kind === 'camera' ? '' : html`
      <section><h3>${t('thing.values')}</h3><p class="hint">${t('thing.values.none')}</p></section>`;
    const { timeZone } = this.config;
    return html`
      <section data-testid="device-values"><h3>${t('thing.values')}</h3>
        <ul class="values">${values.map((one) => html`
          <li data-quantity=${one.quantity}><p><span>${named(one)}</span>
            <b>${valueWords(one.value, one)}${one.unit ? html` <small>${one.unit}</small>` : ''}</b>
            <time title=${dateTime(one.at, timeZone)}>${ago(one.at, this.store.now())}</time></p>
            ${typeof one.value === 'number' && one.unit ? readingCurve(history.get(one.quantity), {
              unit: one.unit, timeZone, thresholds: rules.filter(({ quantity, threshold }) => quantity === one.quantity
                && threshold !== null).map(({ threshold }) => threshold) }) : ''}
          </li>`)}</ul>
      </section>`;
  }

  #rules({ rules, values }) {
    if (rules.length === 0) return '';
    return html`
      <details class="rules"><summary data-testid="device-rules"><span>${t('thing.rules')}</span><b>${number(rules.length)}</b></summary>
        <ul>${rules.map((rule) => html`<li data-severity=${rule.severity}><shapan-severity severity=${rule.severity}></shapan-severity>
          <span>${named(rule)}</span><small>${ruleWords(rule, values)}</small></li>`)}</ul>
      </details>`;
  }

  #steps({ transitions }) {
    if (transitions.length === 0) return '';
    return html`
      <details class="rules"><summary><span>${t('thing.steps')}</span><b>${number(transitions.length)}</b></summary>
        <ul>${transitions.slice(0, STEPS).map(({ was, freshness, at }) => html`<li>${stateSign(rankOf(freshness))}
          <span>${t('thing.step', { was: t(`freshness.${was}`), freshness: t(`freshness.${freshness}`) })}</span>
          <small>${shortDateTime(at, this.config.timeZone)}</small></li>`)}</ul>
      </details>`;
  }
}
customElements.define('shapan-device-card', DeviceCard);

function ruleWords({ quantity, comparison, threshold, word, for_s: seconds }, values) {
  const measured = values.find((one) => one.quantity === quantity) ?? { name: quantity, name_en: quantity };
  const limit = [valueWords(word ?? threshold, measured), measured.unit].filter(Boolean).join(' ');
  const words = t(`thing.rule.${comparison}`, { quantity: named(measured), threshold: limit });
  return seconds > 0 ? `${words} · ${t('thing.rule.for', { time: duration(seconds * 1000) })}` : words;
}
