/** The form of one room: required fields first, then where one is and what one has seen. */
import { html } from 'lit';
import { live } from 'lit/directives/live.js';
import { language, t } from '../i18n/index.js';
import { isEmpty, missing } from './forms.js';
import { faultSentence } from './survey-words.js';

const PLACE = ['unit', 'floor', 'number'];

const label = (field) => html`${field.label[language()]}${field.unit ? ` (${field.unit})` : ''}
  ${field.required ? html`<em>${t('survey.required')}</em>` : ''}`;

const faultOf = (name, faults, tried) => (tried && faults[name] ? html`<small class="fault" role="alert">${t(`survey.fault.${faults[name]}`)}</small>` : '');

function choices(field, value, actions) {
  return html`<div class="choices" role="radiogroup" aria-label=${field.label[language()]}>
    ${field.choices.map((choice) => html`<button type="button" role="radio" aria-checked=${value === choice.value} data-field=${field.name}
      data-value=${choice.value} @click=${() => actions.enter(field.name, choice.value)}>${choice[language()]}</button>`)}</div>`;
}

function input(field, value, enter) {
  const number = field.kind !== 'text';
  return html`<input data-field=${field.name} inputmode=${number ? 'decimal' : 'text'} autocomplete="off" maxlength="100"
    .value=${live(isEmpty(value) ? '' : String(value))} @input=${({ target }) => enter(field.name, number ? target.value.replace(',', '.').replace('，', '.') : target.value)}>`;
}

/** Where a room stands that was not on record: chosen and typed once. */
function place(building, draft, fields, faults, actions) {
  const { unit } = draft.place;
  return html`
    <fieldset><legend>${t('survey.unit.label')}<em>${t('survey.required')}</em></legend>
      ${building.units.length ? html`<div class="choices" role="radiogroup" aria-label=${t('survey.unit.label')}>${building.units.map((one) => html`<button type="button" role="radio"
        aria-checked=${one === unit} data-field="unit" data-value=${one} @click=${() => actions.enterPlace('unit', one)}>${one}</button>`)}</div>`
        : html`<p class="hint">${t('survey.unit.none')}</p>`}${faultOf('unit', faults, draft.tried)}</fieldset>
    ${fields.filter(({ name }) => PLACE.includes(name)).map((field) => html`
      <label class="field">${label({ ...field, required: true })}${input(field, draft.place[field.name], (name, value) => actions.enterPlace(name, value))}
        ${faultOf(field.name, faults, draft.tried)}</label>`)}`;
}

const position = ({ state, accuracy }) => html`<p class="position" data-testid="position" data-state=${state}>
  <shapan-icon name="pin"></shapan-icon>${t(`survey.position.${state}`, { metres: Math.round(accuracy ?? 0) })}</p>`;

function photos(draft, actions) {
  return html`<div class="photos">
    ${draft.photos.map(({ id, url }) => html`<figure><img src=${url} alt=${t('survey.photo')}><button type="button" class="drop"
      aria-label=${t('survey.photo.drop')} @click=${() => actions.photographs.drop(id)}><shapan-icon name="close"></shapan-icon></button></figure>`)}
    ${draft.photos.length < 6 ? html`<label class="add-photo"><shapan-icon name="image"></shapan-icon><span>${t('survey.photo.add')}</span>
      <input class="unseen" data-testid="photo" type="file" accept="image/*" capture="environment" @change=${({ target }) => {
        for (const file of target.files) actions.photographs.add(file);
        target.value = '';
      }}></label>` : ''}</div>`;
}

/** What the record says against the last form of this room. */
function against(form, stands) {
  if (stands.state === 'refused') {
    return html`<ul class="notice" data-kind="bad" data-testid="refusal">${stands.faults.map((fault) => html`<li>${faultSentence(form, fault)}</li>`)}
      ${stands.faults.length ? '' : html`<li>${t(`survey.reason.${stands.last.reason}`)}</li>`}</ul>`;
  }
  return stands.state === 'conflict' ? html`<p class="notice" data-kind="bad">${t(`survey.reason.${stands.last.reason}`)}</p>` : '';
}

export function formView(building, { day, draft }, actions) {
  if (draft === null) return '';
  const { room, values, tried } = draft;
  const fields = day.form.filter(({ name }) => !PLACE.includes(name));
  const faults = actions.faults();
  const lacks = missing(fields, values);
  const stands = room?.stands;
  const gone = stands?.state === 'conflict' && stands.last.reason === 'redrawn';
  return html`
    <form class="form" data-testid="form" data-lacks=${lacks.length} @submit=${(event) => { event.preventDefault(); actions.save(); }}>
      <h2>${room ? html`${t('survey.room', { unit: room.unit, number: room.number })}` : t('survey.new')}<small>${building.name}${room ? ` · ${t('survey.floor', { floor: room.floor })}` : ''}</small></h2>
      ${stands ? against(day.form, stands) : ''}
      ${draft.isNew ? place(building, draft, day.form, faults, actions) : ''}
      ${fields.map((field) => (field.choices
        ? html`<fieldset data-lacks=${field.required && isEmpty(values[field.name]) ? 'yes' : 'no'}><legend>${label(field)}</legend>${choices(field, values[field.name], actions)}${faultOf(field.name, faults, tried)}</fieldset>`
        : html`<label class="field" data-lacks=${field.required && isEmpty(values[field.name]) ? 'yes' : 'no'}>${label(field)}${input(field, values[field.name], (name, value) => actions.enter(name, value))}${faultOf(field.name, faults, tried)}</label>`))}
      ${photos(draft, actions)}
      ${position(draft.position)}
      ${gone ? '' : html`<button type="submit" class="save" data-testid="save" ?disabled=${draft.saving || draft.drawing > 0}>${draft.drawing ? t('survey.photo.drawing') : lacks.length ? t('survey.save.lacks', { count: lacks.length }) : t('survey.save')}</button>`}
    </form>`;
}
