/** What the section of links asks and tells: a new link, other words for a wall, a new link for an old one, whether to revoke. */
import { html, svg } from 'lit';
import { until } from 'lit/directives/until.js';
import { dateTime } from '../../format.js';
import { pick, t } from '../../i18n/index.js';
import { DAYS, MEASURES, SWITCHES, called, chosenFrom, onlyHere, pathOf, squares } from './access-links.js';

const BOUNDS = { height_m: [0.2, 30, 0.1], distance_m: [0.3, 200, 0.1], takeover_s: [5, 300, 1] };

const tourName = (tours, id) => tours.find((tour) => tour.id === id)?.name ?? t('access.tour.gone', { id });

/** What a wall is told, in words. */
export function askedWords(display, tours) {
  return [
    ...MEASURES.filter((name) => name in display).map((name) => t(`access.told.${name}`, { value: display[name] })),
    ...('tour' in display ? [t('access.told.tour', { name: tourName(tours, display.tour) })] : []),
    ...SWITCHES.filter((name) => name in display).map((name) => t(`access.told.${name}.${display[name] ? 'on' : 'off'}`)),
  ];
}

/** @param {import('../../panels/panel.js').Panel} panel @param {object} state of the section */
export function dialogOf(panel, state) {
  return { make, change, renew, revoke, made }[state.dialog.kind](panel, state);
}

/** A dialog that sends something: its fields, and what the server said against it. */
function form(panel, state, { words, fields, send, look = 'primary' }) {
  const submit = (event) => {
    event.preventDefault();
    send(new FormData(event.target));
  };
  return html`
    <form @submit=${submit} data-testid="link-form">
      <h2 id="link-dialog-title">${words.title}</h2>
      ${words.hint ? html`<p class="hint">${words.hint}</p>` : ''}
      ${fields}
      ${state.fault ? html`<p class="hint bad" role="alert" data-testid="link-fault"><shapan-icon name="error"></shapan-icon>${faultWords(state.fault)}</p>` : ''}
      <div class="form-buttons">
        <button type="submit" class=${look} data-testid="link-send" ?disabled=${state.sending} aria-busy=${state.sending}>${words.send}</button>
        <button type="button" class="quiet" ?disabled=${state.sending} @click=${() => panel.actions.links.close()}>${t('access.cancel')}</button>
      </div>
    </form>`;
}

const faultWords = ({ title, detail, cure }) => [title, detail, cure].filter(Boolean).join(' ');

function make(panel, state) {
  const { choices, dialog: { as = 'kiosk' } } = state;
  const kinds = html`<fieldset class="link-kinds"><legend>${t('access.kind')}</legend>${['kiosk', 'keeper'].map((kind, at) => html`
    <label class="choice"><input type="radio" name="kind" value=${kind} .checked=${kind === as} ?autofocus=${at === 0}
      @change=${() => panel.actions.links.setKind(kind)}><span>${t(`access.kind.${kind}`)}</span></label>`)}</fieldset>`;
  const whose = as === 'keeper'
    ? html`<label class="field"><span>${t('access.keeper')}</span><select name="keeper" required data-testid="link-keeper">
        <option value="">${t('access.keeper.choose')}</option>
        ${choices.keepers.map(({ code, name, grid, grid_name: place }) => html`<option value=${code}>${name} · ${code} · ${place ?? grid}</option>`)}</select>
        ${choices.keepers.length ? '' : html`<small>${t('access.keeper.none')}</small>`}</label>`
    : html`${nameField('')}
      <label class="field"><span>${t('access.scope')}</span><select name="within" data-testid="link-within">
        <option value="">${t('access.scope.all')}</option>
        ${chosenFrom(choices.areas).map(({ within, name, name_en: english, depth }) => html`<option value=${within}>${'　'.repeat(depth)}${
          pick({ 'zh-CN': name, en: english || name })} ${within}</option>`)}</select></label>
      ${displayFields({}, choices.tours)}`;
  return form(panel, state, {
    words: { title: t('access.new'), hint: t(`access.new.hint.${as}`), send: t('access.make') },
    fields: html`${kinds}${whose}${lasting(as, {})}`, send: (data) => panel.actions.links.make(data),
  });
}

function change(panel, state) {
  const { link } = state.dialog;
  return form(panel, state, {
    words: { title: t('access.change.title', { name: called(link, state.choices.keepers) }), hint: t('access.change.hint'), send: t('access.change.send') },
    fields: html`${nameField(link.name, true)}${displayFields(link.display, state.choices.tours)}`,
    send: (data) => panel.actions.links.change(link, data),
  });
}

function renew(panel, state) {
  const { link } = state.dialog;
  return form(panel, state, {
    words: { title: t('access.renew.title', { name: called(link, state.choices.keepers) }), hint: t('access.renew.hint'), send: t('access.renew.send') },
    fields: lasting(link.kind, { optional: true }), send: (data) => panel.actions.links.renew(link, data),
  });
}

function revoke(panel, state) {
  const { link } = state.dialog;
  return form(panel, state, {
    words: { title: t('access.revoke.title', { name: called(link, state.choices.keepers) }), hint: t(`access.revoke.hint.${link.kind}`), send: t('access.revoke.send') },
    fields: '', send: () => panel.actions.links.revoke(link), look: 'danger',
  });
}

const nameField = (name, focus = false) => html`<label class="field"><span>${t('access.name')}</span>
  <input name="name" required maxlength="200" pattern=".*[^ ].*" .value=${name} ?autofocus=${focus} autocomplete="off" data-testid="link-name" placeholder=${t('access.name.hint')}></label>`;

function displayFields(display, tours) {
  const known = tours.some(({ id }) => id === display.tour) || display.tour === undefined;
  return html`
    <div class="link-display">
      ${MEASURES.map((name) => html`<label class="field"><span>${t(`access.${name}`)}</span>
        <input type="number" name=${name} min=${BOUNDS[name][0]} max=${BOUNDS[name][1]} step="any" .value=${String(display[name] ?? '')} placeholder=${t(`access.${name}.default`)} data-testid="link-${name}"></label>`)}
      <label class="field"><span>${t('access.tour')}</span><select name="tour" data-testid="link-tour">
        <option value="" ?selected=${display.tour === undefined}>${t('access.tour.default')}</option>
        ${known ? '' : html`<option value=${display.tour} selected>${t('access.tour.gone', { id: display.tour })}</option>`}
        ${tours.map(({ id, name }) => html`<option value=${id} ?selected=${id === display.tour}>${name}</option>`)}</select></label>
      ${SWITCHES.map((name) => html`<label class="field"><span>${t(`access.${name}`)}</span><select name=${name} data-testid="link-${name}">
        ${['', 'on', 'off'].map((value) => html`<option value=${value} ?selected=${value === ({ true: 'on', false: 'off' }[display[name]] ?? '')}>${t(`access.${name}.${value || 'default'}`)}</option>`)}</select></label>`)}
    </div>`;
}

function lasting(kind, { optional = false }) {
  return html`
    <div class="pair">
      <label class="field"><span>${t('access.days')}</span><input type="number" name="days" min="1" max="400" step="1" ?autofocus=${optional}
        placeholder=${optional ? t('access.days.keep') : String(DAYS[kind])} data-testid="link-days"></label>
      <label class="field"><span>${t('access.hours')}</span><input type="number" name="link_hours" min="1" max="9600" step="1" .value=${'72'}></label>
    </div>
    ${optional ? html`<p class="hint">${t('access.days.hint', { days: DAYS[kind] })}</p>` : ''}`;
}

// --- shown once ------------------------------------------------------------------------------------------------

function made(panel, state) {
  const { link, url } = state.dialog;
  const copied = state.copied === url;
  return html`
    <h2 id="link-dialog-title">${t('access.ready', { name: called(link, state.choices.keepers) })}</h2>
    <p class="hint">${t(`access.ready.hint.${link.kind}`, { until: dateTime(link.link_expires_at, panel.config.timeZone).slice(0, 16) })}</p>
    <div class="copy"><code data-testid="link-url" tabindex="0">${url}</code>
      <button type="button" class="primary" autofocus data-testid="link-copy" @click=${(event) => copy(panel, event, url)}>
        <shapan-icon name=${copied ? 'check' : 'copy'}></shapan-icon>${t(copied ? 'connect.copied' : 'connect.copy')}</button>
      <span class="unseen" role="status">${copied ? t('connect.copied') : ''}</span></div>
    ${onlyHere(panel.config.origin) ? html`<p class="hint bad"><shapan-icon name="error"></shapan-icon>${t('access.here')}</p>` : ''}
    ${until(picture(url), html`<div class="qr" aria-hidden="true"></div>`)}
    <p class="hint">${t('access.once')}</p>
    <div class="form-buttons"><button type="button" data-testid="link-done" @click=${() => panel.actions.links.close()}>${t('access.done')}</button></div>`;
}

const drawn = { url: null, picture: null };

/** The link as a QR code, for whoever holds a tablet. Nothing of it leaves the page. */
function picture(url) {
  if (drawn.url !== url) Object.assign(drawn, { url, picture: draw(url) });
  return drawn.picture;
}

async function draw(url) {
  try {
    const { default: encode } = await import('qr');
    const rows = squares(encode, url);
    return html`<svg class="qr" viewBox="0 0 ${rows.length} ${rows.length}" role="img" aria-label=${t('access.qr')} data-testid="link-qr">
      ${svg`<rect width=${rows.length} height=${rows.length}></rect><path d=${pathOf(rows)}></path>`}</svg>`;
  } catch {
    return ''; // the link itself stands above
  }
}

/** Browsers give a page of another computer the clipboard under https only: there the link is marked, to be copied by hand. */
async function copy(panel, { currentTarget }, url) {
  const code = currentTarget.parentElement.querySelector('code');
  try {
    await navigator.clipboard.writeText(url);
    panel.actions.links.copied(url);
  } catch {
    getSelection().selectAllChildren(code);
  }
}
