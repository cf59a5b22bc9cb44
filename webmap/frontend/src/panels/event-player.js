/** 回放: the histogram of the window, with the head on it while it is played. */
import { html, svg } from 'lit';
import { dateTime, number, shortDateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { memo } from '../memo.js';
import { HOUR, SPEEDS } from '../events/playback.js';
import { histogram } from '../events/time-window.js';
import { variables } from './panel.js';

const BARS = 60;

const bars = memo((events, from, to) => histogram(events.at, from, to, BARS));

/** What an arrow key moves the head by: an hour of a short window, a bar of a long one. */
const stride = ({ from, to }) => Math.max(HOUR, (to - from) / BARS);

function key(event, panel) {
  const { playback: player, store } = { playback: panel.actions.events.playback, store: panel.store };
  const { playback } = store.state;
  const head = playback.on ? playback.head : playback.from;
  const moves = {
    ArrowRight: () => player.seek(head + stride(playback)),
    ArrowLeft: () => player.seek(head - stride(playback)),
    Home: () => player.seek(playback.from),
    End: () => player.seek(playback.to),
    ' ': () => player.toggle(),
  };
  if (!Object.hasOwn(moves, event.key)) return;
  event.preventDefault();
  moves[event.key]();
}

/** A pointer on the histogram puts the head there, and takes it along while it is held. */
function point(event, panel) {
  if (event.type === 'pointermove' && event.buttons !== 1) return;
  const box = event.currentTarget.getBoundingClientRect();
  if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
  const { from, to } = panel.store.state.playback;
  panel.actions.events.playback.seek(from + ((event.clientX - box.left) / box.width) * (to - from));
}

function scrubber(panel, events, { on, from, to, head, trail }) {
  const counts = bars(events, from, to);
  const most = Math.max(...counts, 1);
  const share = (at) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const { timeZone } = panel.config;
  return html`
    <div class="scrubber" role="slider" tabindex="0" aria-label=${t('events.head')} aria-valuemin=${from} aria-valuemax=${to}
      aria-valuenow=${on ? head : to} aria-valuetext=${on ? shortDateTime(head, timeZone) : t('events.whole')} data-testid="scrubber" ?data-on=${on}
      ${variables({ head: share(head), trail: share(Math.max(from, head - trail)) })}
      @keydown=${(event) => key(event, panel)} @pointerdown=${(event) => point(event, panel)} @pointermove=${(event) => point(event, panel)}>
      <svg class="histogram" viewBox="0 0 ${BARS} 20" preserveAspectRatio="none" aria-hidden="true">
        ${counts.map((count, index) => svg`<rect x=${index + 0.1} width="0.8" y=${20 - (20 * count) / most} height=${(20 * count) / most}></rect>`)}
      </svg>
      ${on ? html`<i class="scrubber-trail"></i><i class="scrubber-head"></i>` : ''}
    </div>`;
}

export function eventPlayer(panel) {
  const { playback } = panel.store.state;
  const { playback: player, window } = panel.actions.events;
  const played = panel.actions.events.played();
  const words = playback.playing ? 'events.pause' : 'events.play';
  const { timeZone } = panel.config;
  return html`
    ${scrubber(panel, window.shown(), playback)}
    <div class="player">
      <button type="button" class="icon-button" title=${t(words)} aria-label=${t(words)} data-testid="player-toggle" @click=${() => player.toggle()}>
        <shapan-icon name=${playback.playing ? 'pause' : 'play'}></shapan-icon></button>
      <div class="segmented thirds" role="radiogroup" aria-label=${t('events.speed')}>
        ${SPEEDS.map((speed) => html`<button type="button" role="radio" aria-checked=${playback.speed === speed} data-testid="speed-${speed}"
          title=${t('events.speed.hint', { hours: number(speed) })} @click=${() => player.setSpeed(speed)}>${speed}×</button>`)}
      </div>
      ${playback.on ? html`<button type="button" class="quiet" data-testid="player-stop" title=${t('events.stop.hint')} @click=${() => panel.actions.events.stopPlaying()}>${t('events.stop')}</button>` : ''}
    </div>
    ${played === null ? html`<p class="hint">${t('events.player.hint', { hours: number(playback.trail / HOUR) })}</p>` : html`
      <p class="played" data-testid="played" data-from=${played.from} data-to=${played.to} data-shown=${played.shown} data-sofar=${played.sofar}>
        <b title=${dateTime(played.to, timeZone)}>${shortDateTime(played.to, timeZone)}</b>
        <span>${t('events.played', { hours: number(playback.trail / HOUR), count: number(played.shown), sofar: number(played.sofar) })}</span></p>`}`;
}
