/** The form of one room: required fields first, then where one is and what one has seen. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { language, t } from '../i18n/index.js';
import { isEmpty, missing } from './forms.js';
import { clockTime, faultSentence } from './survey-words.js';

const PLACE = ['unit', 'floor', 'number'];

const label = (field) => html`${field.label[language()]}${field.unit ? ` (${field.unit})` : ''}
  ${field.required ? html`<em>${t('survey.required')}</em>` : ''}`;

const faultId = (name) => `fault-${name}`;

const faultOf = (name, fault) => (fault ? html`<small class="fault" id=${faultId(name)}>${t(`survey.fault.${fault}`)}</small>` : '');

/** One of a few words. The browser's own radios: arrow keys go through them, and Tab goes past. */
function choices({ name, title, value, fault, options, enter, lacks }) {
  return html`<fieldset role="radiogroup" data-lacks=${lacks ? 'yes' : 'no'} aria-invalid=${fault ? 'true' : nothing} aria-describedby=${fault ? faultId(name) : nothing}>
    <legend>${title}</legend>
    <div class="choices">${options.map((one) => html`<label class="choice" data-field=${name} data-value=${one.value}>
      <input class="unseen" type="radio" name=${name} value=${one.value} .checked=${live(one.value === value)} @change=${() => enter(name, one.value)}>${one.word}</label>`)}</div>
    ${faultOf(name, fault)}</fieldset>`;
}

const asNumber = (text) => text.replace(/[,，。]/g, '.');

function written(field, value, fault, enter, lacks) {
  const number = field.kind !== 'text';
  return html`<div class="field" data-lacks=${lacks ? 'yes' : 'no'}><label for=${`field-${field.name}`}>${label(field)}</label>
    <input id=${`field-${field.name}`} data-field=${field.name} inputmode=${number ? 'decimal' : 'text'} autocomplete="off" maxlength="100" enterkeyhint="next"
      aria-invalid=${fault ? 'true' : nothing} aria-describedby=${fault ? faultId(field.name) : nothing}
      .value=${live(isEmpty(value) ? '' : String(value))} @input=${({ target }) => enter(field.name, number ? asNumber(target.value) : target.value)}>
    ${faultOf(field.name, fault)}</div>`;
}

/** Where a room stands that was not on record: chosen and typed once. */
function place(building, draft, fields, faults, actions) {
  const enter = (name, value) => actions.form.enterPlace(name, value);
  const title = html`${t('survey.unit.label')}<em>${t('survey.required')}</em>`;
  return html`
    ${building.units.length ? choices({ name: 'unit', title, value: draft.place.unit, fault: faults.unit, options: building.units.map((unit) => ({ value: unit, word: unit })), enter })
      : html`<p class="notice" data-kind="bad">${t('survey.unit.none')}</p>`}
    ${fields.filter(({ name }) => PLACE.includes(name)).map((field) => written({ ...field, required: true }, draft.place[field.name], faults[field.name], enter))}`;
}

const position = ({ state, accuracy }) => html`<p class="position" data-testid="position" data-state=${state}>
  <shapan-icon name="pin"></shapan-icon>${t(`survey.position.${state}`, { metres: Math.round(accuracy ?? 0) })}</p>`;

function photos(draft, actions) {
  const { photographs } = actions;
  return html`<div class="photos">
    ${draft.photos.map(({ id, url }, index) => html`<figure><img src=${url} alt=${t('survey.photo.of', { number: index + 1 })}><button type="button" class="drop"
      aria-label=${t('survey.photo.drop', { number: index + 1 })} @click=${() => photographs.drop(id)}><shapan-icon name="close"></shapan-icon></button></figure>`)}
    ${draft.photos.length + draft.drawing < photographs.most ? html`<label class="add-photo"><shapan-icon name="photo"></shapan-icon><span>${t('survey.photo.add')}</span>
      <input class="unseen" data-testid="photo" type="file" accept="image/*" capture="environment" @change=${({ target }) => {
        for (const file of target.files) photographs.add(file);
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

/** A form of this room was begun before and not saved. */
const offer = ({ at }, zone, actions) => html`<div class="notice offer" data-testid="offer">
  <p>${t('survey.draft.offer', { time: clockTime(at, zone) })}</p>
  <div class="answers"><button type="button" data-testid="discard" @click=${() => actions.form.discard()}>${t('survey.draft.discard')}</button>
    <button type="button" class="save" data-testid="resume" @click=${() => actions.form.resume()}>${t('survey.draft.resume')}</button></div></div>`;

function saveButton(draft, lacks) {
  const said = draft.drawing ? t('survey.photo.drawing') : lacks.length ? t('survey.save.lacks', { count: lacks.length }) : t('survey.save');
  return html`<button type="submit" class="save" data-testid="save" ?disabled=${draft.saving || draft.drawing > 0}>${said}</button>`;
}

export function formView(building, { day, draft }, actions, zone) {
  if (draft === null) return '';
  const { room, values, tried } = draft;
  const title = html`<h2>${room ? t('survey.room', { unit: room.unit, number: room.number }) : t('survey.new')}<small>${building.name}${room ? ` · ${t('survey.floor', { floor: room.floor })}` : ''}</small></h2>`;
  if (draft.offered) return html`<div class="form" data-testid="form">${title}${offer(draft.offered, zone, actions)}</div>`;
  const fields = day.form.filter(({ name }) => !PLACE.includes(name));
  const faults = tried ? actions.form.faults() : {};
  const lacks = missing(fields, values);
  const stands = room?.stands;
  const gone = stands?.state === 'conflict' && stands.last.reason === 'redrawn';
  const enter = (name, value) => actions.form.enter(name, value);
  return html`
    <form class="form" data-testid="form" data-lacks=${lacks.length} novalidate @submit=${(event) => { event.preventDefault(); actions.form.save(); }}>
      ${title}
      ${stands ? against(day.form, stands) : ''}
      ${draft.isNew ? place(building, draft, day.form, faults, actions) : ''}
      ${fields.map((field) => {
        const { name, choices: options } = field;
        const open = field.required && isEmpty(values[name]);
        return options ? choices({ name, title: label(field), value: values[name], fault: faults[name], options: options.map((one) => ({ value: one.value, word: one[language()] })), enter, lacks: open })
          : written(field, values[name], faults[name], enter, open);
      })}
      ${photos(draft, actions)}
      ${position(draft.position)}
      ${gone ? '' : saveButton(draft, lacks)}
    </form>`;
}
