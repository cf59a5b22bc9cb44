/** What has been measured so far, and how to go on. */
import { html } from 'lit';
import { areaWords, lengthWords } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel } from './panel.js';

class MeasureBar extends Panel {
  static topics = ['measure'];

  render() {
    const { mode, points, done } = this.store.state.measure;
    if (mode === null) return '';
    const { measure } = this.actions;
    return html`
      <div class="notice measure-bar" role="status" data-testid="measure-bar" data-mode=${mode} data-points=${points.length}>
        <shapan-icon name=${mode === 'area' ? 'area' : 'height'}></shapan-icon>
        <b>${t(`measure.${mode}`)}</b>
        <span class="measured">${this.#measured()}</span>
        ${points.length > 0 ? html`
          <button type="button" class="quiet" @click=${() => measure.undo()}>${t('measure.undo')}</button>` : ''}
        ${points.length > 1 && !done ? html`
          <button type="button" class="quiet" @click=${() => measure.finish()}>${t('measure.finish')}</button>` : ''}
        <button type="button" class="quiet" data-testid="measure-stop" @click=${() => measure.stop()}>${t('measure.stop')}</button>
      </div>`;
  }

  #measured() {
    const { mode, points, lengths, area, crossing, done } = this.store.state.measure;
    if (crossing) return html`<span class="bad">${t('measure.crossing')}</span>`;
    if (mode === 'area' ? points.length < 3 : points.length < 2) return t('measure.begin');
    const sum = lengthWords(lengths.reduce((total, length) => total + length, 0));
    return html`<output data-testid="measured" data-metres=${lengths.reduce((total, length) => total + length, 0)}
      data-square-metres=${area ?? ''}>${mode === 'area'
      ? t('measure.area.value', { area: areaWords(area), perimeter: sum }) : t('measure.distance.value', { distance: sum })}</output>
      ${done ? html`<small>${t('measure.again')}</small>` : ''}`;
  }
}
customElements.define('shapan-measure-bar', MeasureBar);
