/** 视频: the picture of a camera in its card, or in words why there is none. */
import { html } from 'lit';
import { t } from '../i18n/index.js';

/** Reasons that an administrator cures with a command on the server. */
const LISTED_BY_COMMAND = ['not_listed', 'elsewhere'];

export function cameraView(panel, { code }) {
  const { camera } = panel.store.state;
  const mine = camera.code === code ? camera : { status: 'idle' };
  const { status, origin, video } = mine;
  const play = () => panel.actions.thing.camera.play(code);
  const showing = status === 'connecting' || status === 'playing';
  return html`
    <section class="camera" data-testid="camera" data-status=${status} data-reason=${mine.reason ?? ''}>
      <h3>${t('camera.title')}</h3>
      <div class="screen">
        ${showing ? video : ''}
        ${status === 'playing' ? '' : html`<div class="screen-words" role=${status === 'failed' || status === 'refused' ? 'alert' : 'status'}>
          ${screenWords(mine, play)}</div>`}
      </div>
      ${showing ? html`<p class="camera-line"><span>${t(`camera.${status}`, { origin })}</span>
        <button type="button" data-testid="camera-stop" @click=${() => panel.actions.thing.camera.stop()}><shapan-icon name="stop"></shapan-icon>${
          t('camera.stop')}</button></p>` : ''}
    </section>`;
}

function screenWords({ status, reason, origin, error }, play) {
  if (status === 'idle') {
    return html`<button type="button" class="play" data-testid="camera-play" title=${t('camera.play')} aria-label=${t('camera.play')}
        @click=${play}><shapan-icon name="play"></shapan-icon></button>
      <p class="play-words" @click=${play}>${t(reason === 'hidden' ? 'camera.hidden' : 'camera.idle')}</p>`;
  }
  if (status === 'asking' || status === 'connecting') return html`<i class="spinner"></i><p>${t(`camera.${status}`, { origin })}</p>`;
  const scheme = (origin ?? '').split(':')[0].toUpperCase();
  return html`<shapan-icon name="camera-off"></shapan-icon>
    <p data-testid="camera-words">${t(`camera.${status}.${reason}`, { origin: origin ?? '', scheme, detail: error?.message ?? '' })}</p>
    ${LISTED_BY_COMMAND.includes(reason) ? html`<code>shapan cameras allow ${origin}</code>` : ''}
    ${reason === 'reload' ? html`<button type="button" @click=${() => location.reload()}>${t('camera.reload')}</button>` : ''}
    ${status === 'failed' ? html`<button type="button" data-testid="camera-retry" @click=${play}><shapan-icon name="retry"></shapan-icon>${
      t('camera.retry')}</button>` : ''}`;
}
