/** A plan on paper (网格图): one drawing in vectors, printed or saved as PDF by the browser, or saved as a picture. */
import { html, svg } from 'lit';
import { dateTime, lengthWords, number } from '../format.js';
import { t } from '../i18n/index.js';
import { Panel } from '../panels/panel.js';
import { labelPlace } from './label-place.js';
import { barLength, fills, fitted, frames, PAPERS, path } from './sheet-terms.js';
import { totals } from './plan-terms.js';

/** Dots of a millimetre in a picture: 300 to an inch. */
const DOTS = 300 / 25.4;

const FONT = '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif';
const INK = '#16202a';
const SOFT = '#55616d';

class PlanSheet extends Panel {
  static topics = ['plan', 'ground', 'sheet', 'planner'];

  render() {
    const { plan, ground, sheet } = this.store.state;
    if (sheet === null || plan === null) return '';
    const { actions } = this;
    return html`<div class="sheet-veil" role="dialog" aria-modal="true" aria-label=${t('planner.sheet')} data-testid="sheet">
      <div class="panel sheet-tools"><b>${t('planner.sheet')}</b>
        <label>${t('planner.sheet.paper')}<select data-testid="sheet-paper" @change=${({ target }) => actions.paper.open(target.value)}>
          ${Object.keys(PAPERS).map((paper) => html`<option value=${paper} ?selected=${sheet.paper === paper}>${paper.toUpperCase()}</option>`)}</select></label>
        <span class="soft">${ground ? '' : t('planner.loading')}</span>
        <button type="button" class="primary" data-testid="sheet-print" ?disabled=${!ground} @click=${() => this.#print()}>${t('planner.sheet.print')}</button>
        <button type="button" data-testid="sheet-picture" ?disabled=${!ground || sheet.saving} @click=${() => this.#save()}>${t('planner.sheet.picture')}</button>
        <button type="button" class="quiet" data-testid="sheet-close" @click=${() => actions.paper.close()}>${t('planner.close')}</button></div>
      <div class="sheet-paper" data-paper=${sheet.paper}>${this.#drawing(plan, ground, sheet.paper)}</div></div>`;
  }

  #drawing(plan, ground, paper) {
    const frame = frames(paper);
    const { width, height, margin, unit, map } = frame;
    const { features } = plan.faces;
    const { scale, place } = fitted(plan.outline, map);
    const colours = fills(features);
    const size = (points) => Math.round(points * unit * 100) / 100;
    const text = (x, y, points, words, { weight = 400, fill = INK, anchor = 'start' } = {}) => svg`<text x=${x} y=${y} font-size=${size(points)} font-weight=${weight} fill=${fill} text-anchor=${anchor}>${words}</text>`;
    const clip = `sheet-${paper}`;
    return svg`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family=${FONT} data-scale=${scale}>
      <rect width=${width} height=${height} fill="#ffffff"/>
      <clipPath id=${clip}><rect x=${map.left} y=${map.top} width=${map.width} height=${map.height}/></clipPath>
      ${text(margin, margin + size(9), 9, `${plan.community.name}${t('planner.sheet.title')}`, { weight: 700 })}
      ${text(margin, margin + size(14.5), 3.6, `${plan.title} · ${t(`planner.state.${plan.state}`)} · ${t('planner.sheet.revision', { revision: plan.revision })}`, { fill: SOFT })}
      <g clip-path="url(#${clip})">
        <rect x=${map.left} y=${map.top} width=${map.width} height=${map.height} fill="#f4f4f1"/>
        ${features.map(({ id, geometry, properties }) => svg`<path d=${path(geometry, place)} fill=${properties.kind === 'basic' ? colours.get(id) : '#e4e6e8'} fill-rule="evenodd" data-face=${id}/>`)}
        ${(ground?.roads ?? []).map((road) => svg`<path d=${path(road, place)} fill="none" stroke="#ffffff" stroke-width=${size(1.1)} stroke-linejoin="round"/>`)}
        ${(ground?.buildings.footprints ?? []).map((footprint) => svg`<path d=${path(footprint, place)} fill="#a9b1b9" stroke="#7c868f" stroke-width=${size(0.08)}/>`)}
        ${features.map(({ geometry }) => svg`<path d=${path(geometry, place)} fill="none" stroke="#b3261e" stroke-width=${size(0.55)} stroke-linejoin="round"/>`)}
        <path d=${path(plan.outline, place)} fill="none" stroke=${INK} stroke-width=${size(1.1)} stroke-linejoin="round"/>
        ${features.map(({ geometry, properties: { name, code, numbers } }) => this.#label(place(labelPlace(geometry)), [name, code ? code.slice(-3) : '—', t('planner.count.households', { count: number(numbers?.households ?? 0) })], size))}
      </g>
      <rect x=${map.left} y=${map.top} width=${map.width} height=${map.height} fill="none" stroke=${INK} stroke-width=${size(0.4)}/>
      ${this.#north(map, size)}${this.#bar(map, scale, size)}
      ${this.#column(plan, frame, colours, size, text)}
      ${text(margin, height - margin + size(1), 3, t('planner.sheet.made', { at: dateTime(this.store.now(), this.config.timeZone), by: plan.changed_by ?? '' }), { fill: SOFT })}
      ${text(width - margin, height - margin + size(1), 3, t('planner.sheet.datum'), { fill: SOFT, anchor: 'end' })}
    </svg>`;
  }

  #label([x, y], [name, code, households], size) {
    return svg`<g text-anchor="middle" paint-order="stroke" stroke="#ffffff" stroke-opacity="0.85" stroke-linejoin="round" stroke-width=${size(1.1)}>
      <text x=${x} y=${y - size(1)} font-size=${size(3.8)} font-weight="700" fill=${INK}>${name}</text>
      <text x=${x} y=${y + size(3.4)} font-size=${size(3)} fill=${INK}>${code} · ${households}</text></g>`;
  }

  #north({ left, top, width }, size) {
    const [x, y] = [left + width - size(10), top + size(13)];
    return svg`<g transform="translate(${x} ${y})"><path d="M0 ${-size(4)}L${size(3)} ${size(6)}L0 ${size(4)}L${-size(3)} ${size(6)}Z" fill=${INK}/>
      <text y=${-size(5)} font-size=${size(3.6)} font-weight="700" text-anchor="middle" fill=${INK}>${t('planner.sheet.north')}</text></g>`;
  }

  #bar({ left, top, width, height }, scale, size) {
    const metres = barLength(scale, width);
    const long = (metres * 1000) / scale;
    const [x, y] = [left + size(6), top + height - size(6)];
    return svg`<g><rect x=${x - size(3)} y=${y - size(8)} width=${long + size(22)} height=${size(12)} fill="#ffffff" fill-opacity="0.85"/>
      <rect x=${x} y=${y} width=${long / 2} height=${size(1.4)} fill=${INK}/><rect x=${x + long / 2} y=${y} width=${long / 2} height=${size(1.4)} fill="#ffffff" stroke=${INK} stroke-width=${size(0.2)}/>
      <text x=${x} y=${y - size(1.2)} font-size=${size(2.8)} fill=${INK}>0</text>
      <text x=${x + long} y=${y - size(1.2)} font-size=${size(2.8)} fill=${INK} text-anchor="middle">${lengthWords(metres)}</text>
      <text x=${x} y=${y - size(4.6)} font-size=${size(3)} font-weight="700" fill=${INK} data-testid="sheet-scale">1 : ${number(scale)}</text></g>`;
  }

  #column(plan, { side, map }, colours, size, text) {
    const features = [...plan.faces.features].sort((one, other) => (one.properties.code ?? '~').localeCompare(other.properties.code ?? '~') || one.id - other.id);
    const sums = totals(features);
    const { left, top, width } = side;
    const row = Math.min(size(6), (map.height - size(24)) / (features.length + 1));
    const points = Math.min(3.2, (row / size(1)) * 0.62);
    const columns = [left + size(5), left + width * 0.56, left + width * 0.74, left + width];
    const line = (y) => svg`<line x1=${left} x2=${left + width} y1=${y} y2=${y} stroke="#c3c9cf" stroke-width=${size(0.15)}/>`;
    const head = top + size(18);
    return svg`
      ${text(left, top + size(4), 4, t('planner.sheet.grids'), { weight: 700 })}
      ${text(left, top + size(10), 3.1, t('planner.sums', { grids: number(sums.grids), households: number(sums.households), least: number(sums.least), most: number(sums.most) }), { fill: SOFT })}
      ${text(columns[0], head, 2.9, t('planner.column.code'), { fill: SOFT })}${text(columns[1], head, 2.9, t('planner.column.households'), { fill: SOFT, anchor: 'end' })}
      ${text(columns[2], head, 2.9, t('planner.column.residents'), { fill: SOFT, anchor: 'end' })}${text(columns[3], head, 2.9, t('planner.keeper'), { fill: SOFT, anchor: 'end' })}
      ${line(head + size(1.6))}
      ${features.map(({ id, properties: { name, code, kind, keeper, numbers } }, index) => {
    const y = head + size(1.6) + (index + 0.72) * row;
    return svg`<rect x=${left} y=${y - row * 0.5} width=${size(3.4)} height=${row * 0.62} fill=${kind === 'basic' ? colours.get(id) : '#e4e6e8'} stroke="#b3261e" stroke-width=${size(0.15)}/>
          ${text(columns[0], y, points, `${code ? code.slice(-3) : '—'} ${name}`)}${text(columns[1], y, points, number(numbers?.households ?? 0), { anchor: 'end' })}
          ${text(columns[2], y, points, number(numbers?.residents ?? 0), { anchor: 'end' })}${text(columns[3], y, points, keeper?.name ?? '—', { anchor: 'end' })}
          ${line(y + row * 0.28)}`;
  })}`;
  }

  #name() {
    const { plan } = this.store.state;
    return `${plan.community.name}-${t('planner.sheet.title')}-${plan.revision}`;
  }

  #print() {
    const { title } = document;
    document.title = this.#name();
    window.print();
    document.title = title;
  }

  async #save() {
    const drawing = this.querySelector('.sheet-paper svg');
    this.actions.paper.saving(true);
    try {
      const blob = await picture(drawing);
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: `${this.#name()}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } finally {
      this.actions.paper.saving(false);
    }
  }
}

/** A drawing whose box is in millimetres, as a picture of 300 dots to an inch. */
async function picture(drawing) {
  const [, , width, height] = drawing.getAttribute('viewBox').split(' ').map(Number);
  const [wide, high] = [Math.round(width * DOTS), Math.round(height * DOTS)];
  const copy = drawing.cloneNode(true);
  copy.setAttribute('width', wide);
  copy.setAttribute('height', high);
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: wide, height: high });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  } finally {
    URL.revokeObjectURL(address);
  }
}
customElements.define('shapan-plan-sheet', PlanSheet);
