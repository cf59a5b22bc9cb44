/** 上传并导入: choose files, say what they are, send them, see them go. */
import { html } from 'lit';
import { number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { Panel, variables } from '../panels/panel.js';
import { conceptWord } from './run-table.js';
import { guessConcept, obstacle, size } from './upload.js';

/** Systems that Chinese cities use most, offered and not imposed. */
const USUAL_SYSTEMS = ['EPSG:4490', 'EPSG:4547', 'EPSG:4546', 'EPSG:4548', 'EPSG:4326', 'EPSG:3857'];

/** Endings that are named; the others are told by pointing at them. */
const BEST_KNOWN = ['.gpkg', '.shp', '.zip', '.geojson', '.gdb', '.kml', '.dxf', '.xlsx', '.csv'];

/** Options of the server whose field on the page has another word. */
const OTHER_WORDS = {
  max_rejects: 'rejects', on_conflict: 'conflict', dry_run: 'trial', override_crs: 'override', swap_axes: 'swap',
};
const FIELDS = ['file', 'concept', 'crs', 'source', 'layer', 'key', 'mapping', 'repair', ...Object.keys(OTHER_WORDS)];

/** What a person calls the field that the server found fault with. */
function placeWord(place) {
  return FIELDS.includes(place) ? t(`upload.${OTHER_WORDS[place] ?? place}`) : place;
}

class UploadPanel extends Panel {
  static topics = ['upload', 'catalogue', 'prefill'];

  static properties = { ...Panel.properties, files: { state: true }, concept: { state: true }, over: { state: true },
    said: { state: true } };

  constructor() {
    super();
    Object.assign(this, { files: [], concept: '', over: false, said: '' });
  }

  render() {
    const { upload, catalogue } = this.store.state;
    if (!this.config.maySend) return html`<section class="panel"><p class="hint">${t('upload.forbidden')}</p></section>`;
    const sending = upload.status === 'sending';
    return html`
      <section class="panel upload" aria-labelledby="upload-title" data-testid="upload" data-status=${upload.status}>
        <h2 id="upload-title">${t('upload.title')}</h2>
        <form @submit=${(event) => this.#submit(event)} novalidate>
          <fieldset ?disabled=${sending}>
            ${this.#corrects(catalogue)}
            ${this.#drop(catalogue)}
            ${this.#concepts(catalogue)}
            <div class="pair">
              ${this.#text('crs', { list: 'systems' })}
              ${this.#text('max_rejects', { label: 'rejects', value: '0' })}
            </div>
            <datalist id="systems">${USUAL_SYSTEMS.map((one) => html`<option value=${one}></option>`)}</datalist>
            ${this.#tick('dry_run', 'trial')}
            ${this.#tick('repair', 'repair')}
            <details class="more"><summary>${t('upload.more')}<shapan-icon name="chevron"></shapan-icon></summary>
              <div class="pair">${this.#text('source')}${this.#text('layer')}</div>
              <div class="pair">${this.#text('key')}${this.#conflict()}</div>
              ${this.#tick('override_crs', 'override')}
              ${this.#tick('swap_axes', 'swap')}
              <label class="field"><span>${t('upload.mapping')}<code>--map</code></span>
                <textarea name="mapping" rows="4" spellcheck="false" data-testid="field-mapping"
                  placeholder="fields:&#10;  height_m: 层数*3"></textarea>
                <small>${t('upload.mapping.hint')}</small></label>
            </details>
          </fieldset>
          <div class="upload-end">${this.#state(upload)}</div>
        </form>
      </section>`;
  }

  #drop({ endings, largest_mb: largest }) {
    const chosen = this.files.length > 0;
    return html`
      <label class="drop" ?data-over=${this.over} ?data-chosen=${chosen} data-testid="drop"
        @dragenter=${(event) => this.#dragged(event, true)} @dragover=${(event) => this.#dragged(event, true)}
        @dragleave=${(event) => this.#dragged(event, false)} @drop=${(event) => this.#dropped(event)}>
        <input type="file" class="unseen" multiple data-testid="file" aria-label=${t('upload.file')}
          @change=${(event) => this.#choose([...event.target.files])}>
        <shapan-icon name=${chosen ? 'file' : 'upload'}></shapan-icon>
        ${chosen ? html`<ul aria-label=${t('upload.chosen')}>${this.files.map((file) => html`
          <li><b>${file.name}</b> <span>${size(file.size)}</span></li>`)}</ul>`
          : html`<b>${t(this.over ? 'upload.drop.over' : 'upload.drop')}</b>
            ${endings.length ? html`<small title=${endings.join(' ')}>${t('upload.endings', {
              endings: endings.filter((one) => BEST_KNOWN.includes(one)).join(' '), count: endings.length, largest: number(largest) })}</small>` : ''}`}
        ${chosen ? html`<button type="button" class="quiet icon-button" title=${t('upload.remove')}
          aria-label=${t('upload.remove')} @click=${(event) => this.#clear(event)}><shapan-icon name="close"></shapan-icon></button>`
          : ''}
      </label>`;
  }

  /** Which run the form was filled from, and the way out of it. */
  #corrects(catalogue) {
    const { prefill } = this.store.state;
    if (!prefill) return '';
    const { personal } = catalogue.concepts.find(({ name }) => name === prefill.values.concept) ?? {};
    return html`<div class="outcome corrects" data-look="calm" role="status" data-testid="corrects">
      <shapan-icon name="file"></shapan-icon>
      <div><b>${t('upload.corrects', { id: prefill.id })}</b><p>${t('upload.corrects.hint', { source: prefill.values.source })}
        ${personal ? t('upload.corrects.personal') : ''}</p></div>
      <button type="button" class="quiet icon-button" title=${t('upload.corrects.leave')} aria-label=${t('upload.corrects.leave')}
        data-testid="corrects-leave" @click=${() => this.#leave()}><shapan-icon name="close"></shapan-icon></button></div>`;
  }

  #concepts(catalogue) {
    const chosen = catalogue.concepts.find(({ name }) => name === this.concept);
    const needed = chosen?.fields.filter(({ required }) => required).map(({ name }) => name) ?? [];
    return html`
      <label class="field"><span>${t('upload.concept')}</span>
        <select name="concept" data-testid="field-concept" .value=${this.concept}
          @change=${(event) => { this.concept = event.target.value; this.said = ''; }}>
          <option value="" ?selected=${this.concept === ''}>${t('upload.concept.choose')}</option>
          ${catalogue.concepts.map(({ name }) => html`<option value=${name} ?selected=${name === this.concept}>
            ${language() === 'en' ? name : `${conceptWord(name, catalogue)} ${name}`}</option>`)}
        </select>
        ${chosen ? html`<small title=${chosen.fields.map(({ name, help }) => `${name}: ${help}`).join('\n')}>
          ${needed.length ? t('upload.concept.needed', { fields: needed.join(', ') })
            : t('upload.concept.fields', { fields: chosen.fields.map(({ name }) => name).join(', ') })}</small>` : ''}
      </label>`;
  }

  #text(name, { label = name, value = '', list } = {}) {
    return html`
      <label class="field"><span>${t(`upload.${label}`)}<code>--${name.replace('_', '-')}</code></span>
        <input type="text" name=${name} value=${value} list=${list ?? ''} autocomplete="off" spellcheck="false"
          data-testid="field-${name}">
        <small>${t(`upload.${label}.hint`)}</small></label>`;
  }

  #tick(name, label) {
    return html`
      <label class="switch tick"><span><b>${t(`upload.${label}`)}</b> <small>${t(`upload.${label}.hint`)}</small></span>
        <input type="checkbox" role="switch" name=${name} data-testid="field-${name}"></label>`;
  }

  #conflict() {
    return html`
      <label class="field"><span>${t('upload.conflict')}<code>--on-conflict</code></span>
        <select name="on_conflict">${['update', 'skip', 'fail'].map((one) => html`
          <option value=${one}>${t(`upload.conflict.${one}`)}</option>`)}</select></label>`;
  }

  #state(upload) {
    if (upload.status === 'sending') {
      const percent = `${Math.floor(upload.share * 100)}%`;
      return html`<div class="sending" role="status">
        <span class="run-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-label=${t('upload.title')}
          aria-valuenow=${Math.floor(upload.share * 100)} ${variables({ share: upload.share })}><i></i></span>
        <p><span>${t('upload.sending', { share: percent })}</span>
          <button type="button" data-testid="upload-stop" @click=${() => this.actions.upload.stopSending()}>${t('upload.cancel')}</button></p>
      </div>`;
    }
    return html`
      ${this.said ? html`<p class="outcome" data-look="bad" role="alert" data-testid="upload-said">
        <shapan-icon name="error"></shapan-icon><span>${this.said}</span></p>` : ''}
      ${upload.status === 'failed' ? this.#failure(upload.error) : ''}
      ${upload.status === 'stopped' ? html`<p class="outcome" data-look="calm" role="status"><shapan-icon name="ban"></shapan-icon>
        <span>${t('upload.cancelled')}</span></p>` : ''}
      ${upload.status === 'sent' ? html`<p class="outcome" data-look="good" role="status" data-testid="upload-sent">
        <shapan-icon name="check"></shapan-icon><span>${t('upload.sent', { id: upload.id })}</span></p>` : ''}
      <button type="submit" class="primary wide" data-testid="send"><shapan-icon name="upload"></shapan-icon>${t('upload.send')}</button>`;
  }

  #failure(error) {
    const faults = error.faults ?? [];
    return html`<div class="outcome" data-look="bad" role="alert" data-testid="upload-error">
      <shapan-icon name="error"></shapan-icon>
      <div><b>${t('upload.failed')}</b>
        ${faults.length ? html`<ul>${faults.map(({ place, message }) => html`<li><b>${placeWord(place)}</b> ${message}</li>`)}</ul>`
          : html`<p>${error.detail || error.title} ${error.cure}</p>`}</div></div>`;
  }

  #dragged(event, over) {
    event.preventDefault();
    this.over = over;
  }

  #dropped(event) {
    event.preventDefault();
    this.over = false;
    if (this.store.state.upload.status !== 'sending') this.#choose([...event.dataTransfer.files]);
  }

  #choose(files) {
    if (files.length === 0) return;
    this.files = files;
    this.said = '';
    this.concept ||= guessConcept(files[0].name, this.store.state.catalogue.concepts);
    this.actions.upload.beginAnew();
  }

  #clear(event) {
    event.preventDefault(); // the button stands in the label of the file field
    this.files = [];
    this.querySelector('input[type="file"]').value = '';
  }

  #submit(event) {
    event.preventDefault();
    const { catalogue } = this.store.state;
    const values = Object.fromEntries(new FormData(event.target).entries());
    this.said = obstacle({ files: this.files, concept: this.concept, catalogue });
    if (this.said === '') this.actions.upload.send(values, this.files);
  }

  /** The form is empty again: what was filled in for one run must not reach the next file unseen. */
  #leave() {
    this.querySelector('form').reset();
    Object.assign(this, { files: [], concept: '', said: '' });
    this.actions.upload.forgetPrefill();
  }

  /** What was sent is gone from the form; how it was sent stays for the next file, unless it came from another run. */
  willUpdate() {
    const { upload: { status }, prefill } = this.store.state;
    if (status === 'sent' && this.before === 'sending') {
      this.files = [];
      const field = this.querySelector('input[type="file"]');
      if (field) field.value = '';
      if (prefill) this.#leave();
    }
    if (prefill && prefill !== this.filled) Object.assign(this, { files: [], concept: prefill.values.concept, said: '' });
    this.before = status;
  }

  /** Fill the form from a former run; a person with a keyboard goes on at the file. */
  #fill({ values }) {
    const form = this.querySelector('form');
    form.reset();
    for (const [name, value] of Object.entries({ on_conflict: 'update', ...values })) {
      const field = form.elements[name];
      if (field?.type === 'checkbox') field.checked = Boolean(value);
      else if (field) field.value = value;
    }
    this.querySelector('details.more').open = true;
    const file = this.querySelector('input[type="file"]');
    file.focus({ preventScroll: true });
    this.querySelector('.corrects').scrollIntoView({ block: 'nearest' });
  }

  /** What is wrong may stand below a long form. */
  updated(changes) {
    const { upload: { status, error }, prefill } = this.store.state;
    const wrong = new Set(status === 'failed' ? (error.faults ?? []).map(({ place }) => place) : []);
    for (const field of this.querySelectorAll('form [name]')) field.ariaInvalid = wrong.has(field.name) ? 'true' : null;
    if (prefill && prefill !== this.filled) this.#fill(prefill);
    this.filled = prefill;
    if ((status === 'failed' && this.seen !== 'failed') || (changes.has('said') && this.said)) {
      this.querySelector('[role="alert"]')?.scrollIntoView({ block: 'nearest' });
    }
    this.seen = status;
  }
}
customElements.define('shapan-upload-panel', UploadPanel);
