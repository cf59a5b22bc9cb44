/** 回看条: which instant of the past is looked at: its day, its time among what came in on that day, and going on from there. */
import { html, svg } from 'lit';
import { hourMinute, number } from '../format.js';
import { t } from '../i18n/index.js';
import { dayOf, hourOn } from '../past/zoned-time.js';
import { Panel, variables } from './panel.js';
import { instantWords } from './past-words.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Minutes between two places of the slider. */
const STEP = 5 * MINUTE;

class PastStrip extends Panel {
  static topics = ['past'];

  static interval = 60_000;

  render() {
    const { past } = this.store.state;
    if (!past.on) return '';
    const { timeZone } = this.config;
    const [from, to] = [hourOn(past.at, 0, timeZone), hourOn(past.at, 24, timeZone)];
    const now = this.store.now();
    const step = (name, by, face) => html`<button type="button" class="quiet" title=${t(`past.${name}`)}
      aria-label=${t(`past.${name}`)} data-testid="past-${name}" ?disabled=${by > 0 && past.at + by > now}
      @click=${() => this.#go(past.at + by)}>${face}</button>`;
    const icon = (name) => html`<shapan-icon name=${name}></shapan-icon>`;
    return html`
      <section class="panel past-panel" aria-label=${t('past.title')} data-testid="past-strip">
        <div class="past-row">
          ${step('day.before', hourOn(past.at, 0, timeZone, -1) - from, icon('back'))}
          <input type="date" aria-label=${t('past.day')} data-testid="past-day" .value=${dayOf(past.at, timeZone)} max=${dayOf(now, timeZone)}
            min=${past.marks?.first ? dayOf(Date.parse(past.marks.first), timeZone) : ''}
            @change=${({ target }) => target.value && this.actions.past.goDay(target.value)}>
          ${step('day.after', hourOn(past.at, 0, timeZone, 1) - from, icon('forward'))}
          <span class="past-time" data-testid="past-time" data-at=${past.at}>${hourMinute(past.at, timeZone)}</span>
          ${step('hour.before', -HOUR, t('past.hour.less'))}
          <button type="button" class="icon-button" title=${t(past.playing ? 'past.pause' : 'past.play')}
            aria-label=${t(past.playing ? 'past.pause' : 'past.play')} data-testid="past-play" @click=${() => this.actions.past.toggle()}>
            <shapan-icon name=${past.playing ? 'pause' : 'play'}></shapan-icon></button>
          ${step('hour.after', HOUR, t('past.hour.more'))}
          ${this.#numbers(past)}
        </div>
        ${this.#slider(past, from, to, now)}
        ${past.status === 'failed' ? this.#failure(past) : ''}
      </section>`;
  }

  #go(at) {
    this.actions.past.go(at);
  }

  #numbers({ status, picture }) {
    if (status === 'loading') return html`<span class="past-numbers"><i class="spinner"></i>${t('past.loading')}</span>`;
    if (picture === null) return '';
    const { events_total: events, alarms_total: alarms, keepers } = picture;
    return html`<span class="past-numbers" data-testid="past-numbers" data-events=${events} data-alarms=${alarms}>${
      t('past.numbers', { alarms: number(alarms), events: number(events) })}${
      keepers ? ` · ${t('past.keepers', { count: number(keepers.length) })}` : ''}</span>`;
  }

  #slider({ at, marks }, from, to, now) {
    const places = Math.round((to - from) / STEP);
    const hours = [0, 6, 12, 18, 24].map((hour) => html`<span ${variables({ at: (hour / 24) * 100 })}>${String(hour).padStart(2, '0')}:00</span>`);
    return html`
      <div class="past-day" ${variables({ done: `${((at - from) / (to - from)) * 100}%`, known: `${Math.min(1, Math.max(0, (now - from) / (to - from))) * 100}%` })}>
        ${marks ? this.#marks(marks) : html`<svg class="past-marks"></svg>`}
        <input type="range" min="0" max=${places} step="1" .value=${String(Math.round((at - from) / STEP))} aria-label=${t('past.slider')}
          aria-valuetext=${hourMinute(at, this.config.timeZone)} data-testid="past-slider"
          @input=${({ target }) => this.#go(from + target.valueAsNumber * STEP)}>
        <p class="past-hours" aria-hidden="true">${hours}</p>
      </div>`;
  }

  /** Alarms grow up from the line, events down. */
  #marks({ alarms, events, part_s: part, from, to }) {
    const parts = Math.round((Date.parse(to) - Date.parse(from)) / 1000 / part);
    const scale = (counts) => 10 / Math.max(1, ...counts);
    const [up, down] = [scale(alarms), scale(events)];
    return html`<svg class="past-marks" viewBox="0 0 ${parts} 21" preserveAspectRatio="none" role="img" aria-label=${t('past.marks')}>
      ${alarms.map((count, index) => (count > 0 ? svg`<rect class="mark-alarms" x=${index + 0.1} width="0.8" y=${10 - count * up} height=${count * up}></rect>` : ''))}
      ${events.map((count, index) => (count > 0 ? svg`<rect class="mark-events" x=${index + 0.1} width="0.8" y="11" height=${count * down}></rect>` : ''))}
    </svg>`;
  }

  #failure({ at, marks, error }) {
    const { timeZone } = this.config;
    const first = marks?.first ? Date.parse(marks.first) : NaN;
    const say = (words, act, face) => html`<p class="hint bad" role="alert" data-testid="past-error"><shapan-icon name="error"></shapan-icon>
      <span>${words}</span><button type="button" data-testid="past-cure" @click=${act}>${face}</button></p>`;
    if (at < first) {
      // Its whole minute lies after it.
      return say(t('past.error.before', { time: instantWords(first, timeZone) }), () => this.#go(first + MINUTE), t('past.error.first'));
    }
    if (at > this.store.now()) return say(t('past.error.future'), () => this.actions.past.leave(), t('past.close'));
    return say([error.detail || error.title, ...error.faults.map(({ place, message }) => `${place} ${message}`), error.cure].filter(Boolean).join(' '),
      () => this.actions.past.retry(), t('card.retry'));
  }
}
customElements.define('shapan-past-strip', PastStrip);
