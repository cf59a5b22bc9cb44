/** What stands against the record: both versions side by side, and what one can do about it. */
import { html } from 'lit';
import { language, t } from '../i18n/index.js';
import { differences, keyOf, troubled } from './forms.js';
import { faultSentence, word } from './survey-words.js';

const title = ({ building_name: building, unit, number }) => html`<h3>${building ?? ''}<small>${t('survey.room', { unit: unit ?? '—', number: number ?? '—' })}</small></h3>`;

function compared(form, item) {
  const found = differences(item, form);
  return html`<table><thead><tr><td></td><th scope="col">${t('survey.theirs')}</th><th scope="col">${t('survey.mine')}</th></tr></thead>
    <tbody>${found.map(({ name, mine, theirs }) => html`<tr data-field=${name}><th scope="row">${form.find((one) => one.name === name).label[language()]}</th>
      <td>${word(form, name, theirs)}</td><td>${word(form, name, mine)}</td></tr>`)}</tbody></table>`;
}

/** What a form says of a room that is not on record, and what can be done about it. */
function unrecorded(edit, form, actions) {
  const whole = [edit.unit, edit.floor, edit.number].every((part) => part !== null && part !== undefined && part !== '');
  return html`<table data-testid="said"><tbody>${form.filter(({ name }) => name in edit.said).map(({ name, label }) => html`
      <tr data-field=${name}><th scope="row">${label[language()]}</th><td>${word(form, name, edit.said[name])}</td></tr>`)}</tbody></table>
    ${whole ? '' : html`<p>${t('survey.unrecorded.nowhere')}</p>`}
    <div class="answers">
      <button type="button" data-testid="put-aside" @click=${() => actions.unrecorded.putAside(edit)}>${t('survey.unrecorded.aside')}</button>
      ${whole ? html`<button type="button" class="save" data-testid="enter-it" @click=${() => actions.unrecorded.enter(edit)}>${t('survey.unrecorded.enter')}</button>` : ''}</div>`;
}

function mine(item, form, actions) {
  if (item.state === 'conflict' && item.gone) {
    return html`<li class="conflict" data-testid="conflict" data-room=${item.number} data-reason="gone">${title(item)}
      <p>${t('survey.unrecorded.gone')}</p>${unrecorded({ ...item, said: item.values }, form, actions)}</li>`;
  }
  const answerable = item.state === 'conflict' && item.theirs !== null;
  return html`<li class="conflict" data-testid="conflict" data-room=${item.number} data-reason=${item.reason}>
    ${title(item)}
    <p>${t(`survey.reason.${item.reason}`)}</p>
    ${answerable ? compared(form, item) : ''}
    ${item.faults?.length ? html`<ul class="faults">${item.faults.map((fault) => html`<li>${faultSentence(form, fault)}</li>`)}</ul>` : ''}
    <div class="answers">
      ${answerable ? html`
        <button type="button" data-testid="take-theirs" @click=${() => actions.takeTheirs(item)}>${t('survey.take.theirs')}</button>
        <button type="button" class="save" data-testid="send-mine" @click=${() => actions.sendMine(item)}>${t('survey.send.mine')}</button>` : ''}
      ${!answerable && ['redrawn', 'not_found'].includes(item.reason) ? html`
        <button type="button" data-testid="dismiss" @click=${() => actions.dismiss(item)}>${t('survey.dismiss')}</button>` : ''}
      ${['faulty', 'id_taken', 'unread'].includes(item.reason) && actions.building(item.building) ? html`
        <button type="button" class="save" data-testid="correct" @click=${() => actions.go('form', { building: item.building, key: keyOf(item) })}>${t('survey.correct')}</button>` : ''}
    </div></li>`;
}

function left(edit, form, actions) {
  const item = { ...edit, values: edit.said, theirs: edit.now };
  return html`<li class="conflict" data-testid="left" data-room=${edit.number} data-reason=${edit.reason}>
    ${title(edit)}
    <p>${t('survey.left', { keeper: edit.keeper })} ${t(`survey.left.${edit.reason}`)}</p>
    ${edit.now ? '' : html`<p>${t('survey.unrecorded.left')}</p>${unrecorded(edit, form, actions)}`}
    ${edit.now ? compared(form, item) : ''}
    ${edit.now ? html`<div class="answers">
      <button type="button" @click=${() => actions.takeUp(edit, false)}>${t('survey.take.theirs')}</button>
      <button type="button" class="save" @click=${() => actions.takeUp(edit, true)}>${t('survey.send.said')}</button></div>` : ''}</li>`;
}

/** A photograph that the server did not take: it is here until its keeper has seen that. */
function untaken(photo, actions) {
  return html`<li class="conflict" data-testid="refused-photo" data-status=${photo.status}>
    ${title(photo)}
    <div class="photos"><figure><img src=${photo.url} alt=${t('survey.photo')}></figure></div>
    <p>${t(`survey.photo.refused.${photo.status}`)}</p>
    <div class="answers"><button type="button" data-testid="dismiss-photo" @click=${() => actions.photographs.dismiss(photo.id)}>${t('survey.dismiss')}</button></div></li>`;
}

export function conflictsView({ items, others, refused, day }, actions) {
  const own = troubled(items);
  const count = own.length + others.length + refused.length;
  return html`<section data-testid="conflicts" data-count=${count}>
    <h2>${t('survey.conflicts.title')}</h2>
    ${count ? '' : html`<p class="empty">${t('survey.conflicts.none')}</p>`}
    <ul class="rows">${own.map((item) => mine(item, day.form, actions))}${others.map((edit) => left(edit, day.form, actions))}${refused.map((photo) => untaken(photo, actions))}</ul></section>`;
}
