/** Whose wall it is, the time there, how old the data are, and whether the wall may be heard. */
import { html } from 'lit';
import { duration, longDate, timeOfDay } from '../../format.js';
import { named, t } from '../../i18n/index.js';
import { Panel } from '../../panels/panel.js';

class WallHead extends Panel {
  static topics = ['connection', 'wall'];

  static interval = 1000;

  render() {
    const { timeZone } = this.config;
    const { place } = this.store.state.wall.kpi ?? {};
    const now = this.store.now();
    return html`
      <h1 class="wall-brand"><b>${named(place) || t('app.name')}</b><span>${place ? t('app.name') : t('app.place')}</span></h1>
      <time class="wall-clock"><b data-testid="clock">${timeOfDay(now, timeZone)}</b><span>${longDate(now, timeZone)}</span></time>
      <div class="wall-state">${this.#sound()}${this.#age()}</div>
      <p class="unseen" role="status">${t(`connection.hint.${this.store.state.connection.state}`)}</p>`;
  }

  /** It is another one each second: who hears the page is told only when the connection is lost, and when it is back. */
  #age() {
    const { connection: { state }, wall: { heardAt } } = this.store.state;
    const age = heardAt === null ? null : duration(performance.now() - heardAt);
    const words = age === null || state === 'connecting' ? t('connection.connecting') : t(state === 'live' ? 'wall.age' : 'connection.stale', { age });
    return html`
      <p class="wall-age" data-state=${state} data-testid="age">
        <shapan-icon name=${state === 'live' ? 'now' : 'partial'}></shapan-icon><span>${words}</span></p>`;
  }

  #sound() {
    const { sound } = this.store.state.wall;
    const hint = t(sound === 'muted' ? 'wall.sound.unmute' : 'wall.sound.mute');
    return html`<button type="button" class="quiet wall-sound" data-testid="sound" data-sound=${sound} aria-pressed=${sound === 'muted'}
      title=${hint} aria-label=${hint} @click=${() => this.actions.mute()}>
      <shapan-icon name=${sound === 'on' ? 'unshelve' : 'shelve'}></shapan-icon>${sound === 'muted' ? html`<span>${t('wall.sound.muted')}</span>` : ''}</button>`;
  }
}
customElements.define('shapan-wall-head', WallHead);
