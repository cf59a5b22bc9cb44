/** What stands against the record: both versions side by side, and what one can do about it. */
import { html } from 'lit';
import { language, t } from '../i18n/index.js';
import { differences, foundAt, isRecorded, keyOf, troubled, WAITING } from './forms.js';
import { isAside } from './pieces.js';
import { faultSentence, word } from './survey-words.js';

/** Why a form can be filled in once more. */
const CORRECTABLE = ['faulty', 'id_taken', 'unread'];

const title = ({ building_name: building, unit, number }) => html`<h3>${building ?? ''}<small>${t('survey.room', { unit: unit ?? '—', number: number ?? '—' })}</small></h3>`;

function compared(form, item) {
  const found = differences(item, form);
  return html`<table><thead><tr><td></td><th scope="col">${t('survey.theirs')}</th><th scope="col">${t('survey.mine')}</th></tr></thead>
    <tbody>${found.map(({ name, mine, theirs }) => html`<tr data-field=${name}><th scope="row">${form.find((one) => one.name === name).label[language()]}</th>
      <td>${word(form, name, theirs)}</td><td>${word(form, name, mine)}</td></tr>`)}</tbody></table>
    ${found.some(({ name }) => name === 'floor') ? html`<p data-testid="storey">${t('survey.storey.stands')}</p>` : ''}`;
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
        <button type="button" data-testid="take-theirs" @click=${() => actions.answers.takeTheirs(item)}>${t('survey.take.theirs')}</button>
        <button type="button" class="save" data-testid="send-mine" @click=${() => actions.answers.sendMine(item)}>${t('survey.send.mine')}</button>` : ''}
      ${!answerable && (item.state === 'refused' || item.reason === 'redrawn') ? html`
        <button type="button" data-testid="dismiss" @click=${() => actions.answers.dismiss(item)}>${t(isRecorded(item) ? 'survey.dismiss' : 'survey.dismiss.unrecorded')}</button>` : ''}
      ${CORRECTABLE.includes(item.reason) && actions.building(item.building) ? html`
        <button type="button" class="save" data-testid="correct" @click=${() => actions.go('form', { building: item.building, key: keyOf(item) })}>${t('survey.correct')}</button>` : ''}
    </div></li>`;
}

function left(edit, form, actions) {
  const item = { ...edit, values: edit.said, theirs: edit.now, ...foundAt(edit) };
  return html`<li class="conflict" data-testid="left" data-room=${edit.number} data-reason=${edit.reason}>
    ${title(edit)}
    <p>${t('survey.left', { keeper: edit.keeper })} ${t(`survey.left.${edit.reason}`)}</p>
    ${edit.now ? '' : html`<p>${t('survey.unrecorded.left')}</p>${unrecorded(edit, form, actions)}`}
    ${edit.now ? compared(form, item) : ''}
    ${edit.now ? html`<div class="answers">
      <button type="button" @click=${() => actions.answers.takeUp(edit, false)}>${t('survey.take.theirs')}</button>
      <button type="button" class="save" @click=${() => actions.answers.takeUp(edit, true)}>${t('survey.send.said')}</button></div>` : ''}</li>`;
}

/** A photograph that the server did not take: it is here until its keeper has seen that. */
function untaken(photo, actions) {
  return html`<li class="conflict" data-testid="refused-photo" data-status=${photo.status}>
    ${title(photo)}
    <div class="photos"><figure><img src=${photo.url} alt=${t('survey.photo')}></figure></div>
    <p>${t(`survey.photo.refused.${photo.status}`, { count: actions.photographs.most })}</p>
    <div class="answers"><button type="button" data-testid="dismiss-photo" @click=${() => actions.photographs.dismiss(photo.id)}>${t('survey.dismiss')}</button></div></li>`;
}

/** A form or photograph that did not go out after some tries: others went before it, and it is tried again. */
function aside({ item, photo }, items, actions) {
  const of = item ?? items.find(({ id }) => id === photo.edit) ?? {};
  return html`<li class="conflict" data-testid="aside" data-kind=${item ? 'form' : 'photo'}>
    ${title(of)}
    ${photo ? html`<div class="photos"><figure><img src=${photo.url} alt=${t('survey.photo')}></figure></div>` : ''}
    <p>${t(item ? 'survey.aside.form' : 'survey.aside.photo', { status: (item ?? photo).failure || t('survey.aside.unanswered') })}</p>
    <div class="answers"><button type="button" class="save" data-testid="send-again" @click=${() => actions.answers.sendAgain({ item, photo })}>${t('survey.aside.again')}</button></div></li>`;
}

/** All that needs the keeper. */
export function needed({ items, others, refused, asidePhotos }) {
  const stuck = [...items.filter((item) => item.state === WAITING && isAside(item)).map((item) => ({ item })), ...asidePhotos.map((photo) => ({ photo }))];
  const own = troubled(items);
  return { own, stuck, others, refused, count: own.length + stuck.length + others.length + refused.length };
}

export function conflictsView(state, actions) {
  const { day, items } = state;
  const { own, stuck, others, refused, count } = needed(state);
  return html`<section data-testid="conflicts" data-count=${count}>
    <h2>${t('survey.conflicts.title')}</h2>
    ${count ? '' : html`<p class="empty">${t('survey.conflicts.none')}</p>`}
    <ul class="rows">${own.map((item) => mine(item, day.form, actions))}${others.map((edit) => left(edit, day.form, actions))}
      ${refused.map((photo) => untaken(photo, actions))}${stuck.map((one) => aside(one, items, actions))}</ul></section>`;
}
