/** What stands against the record: both versions side by side, and what one can do about it. */
import { html } from 'lit';
import { language, t } from '../i18n/index.js';
import { differences, keyOf, troubled } from './forms.js';

function word(form, name, value) {
  const field = form.find((one) => one.name === name);
  const choice = field?.choices?.find((one) => one.value === value);
  if (choice) return choice[language()];
  return value === null || value === undefined || value === '' ? '—' : `${value}${field?.unit ? ` ${field.unit}` : ''}`;
}

const title = ({ building_name: building, unit, number }) => html`<h3>${building ?? ''}<small>${t('survey.room', { unit: unit ?? '—', number: number ?? '—' })}</small></h3>`;

function compared(form, item) {
  const found = differences(item, form);
  return html`<table><thead><tr><td></td><th scope="col">${t('survey.theirs')}</th><th scope="col">${t('survey.mine')}</th></tr></thead>
    <tbody>${found.map(({ name, mine, theirs }) => html`<tr data-field=${name}><th scope="row">${form.find((one) => one.name === name).label[language()]}</th>
      <td>${word(form, name, theirs)}</td><td>${word(form, name, mine)}</td></tr>`)}</tbody></table>`;
}

function mine(item, form, actions) {
  const answerable = item.state === 'conflict' && item.theirs !== null;
  return html`<li class="conflict" data-testid="conflict" data-room=${item.number} data-reason=${item.reason}>
    ${title(item)}
    <p>${t(`survey.reason.${item.reason}`)}</p>
    ${answerable ? compared(form, item) : ''}
    ${item.faults?.length ? html`<ul class="faults">${item.faults.map(({ field, words }) => html`<li>${field}: ${words}</li>`)}</ul>` : ''}
    <div class="answers">
      ${answerable ? html`
        <button type="button" data-testid="take-theirs" @click=${() => actions.takeTheirs(item)}>${t('survey.take.theirs')}</button>
        <button type="button" class="save" data-testid="send-mine" @click=${() => actions.sendMine(item)}>${t('survey.send.mine')}</button>` : ''}
      ${!answerable && ['redrawn', 'not_found'].includes(item.reason) ? html`
        <button type="button" data-testid="dismiss" @click=${() => actions.dismiss(item)}>${t('survey.dismiss')}</button>` : ''}
      ${item.reason === 'faulty' && actions.building(item.building) ? html`
        <button type="button" class="save" data-testid="correct" @click=${() => actions.go('form', { building: item.building, key: keyOf(item) })}>${t('survey.correct')}</button>` : ''}
    </div></li>`;
}

function left(edit, form, actions) {
  const item = { ...edit, values: edit.said, theirs: edit.now };
  return html`<li class="conflict" data-testid="left" data-room=${edit.number} data-reason=${edit.reason}>
    ${title(edit)}
    <p>${t('survey.left', { keeper: edit.keeper })} ${t(`survey.left.${edit.reason}`)}</p>
    ${edit.now ? compared(form, item) : ''}
    ${edit.now ? html`<div class="answers">
      <button type="button" @click=${() => actions.takeUp(edit, false)}>${t('survey.take.theirs')}</button>
      <button type="button" class="save" @click=${() => actions.takeUp(edit, true)}>${t('survey.send.said')}</button></div>` : ''}</li>`;
}

export function conflictsView({ items, others, day }, actions) {
  const own = troubled(items);
  return html`<section data-testid="conflicts" data-count=${own.length + others.length}>
    <h2>${t('survey.conflicts.title')}</h2>
    ${own.length + others.length ? '' : html`<p class="empty">${t('survey.conflicts.none')}</p>`}
    <ul class="rows">${own.map((item) => mine(item, day.form, actions))}${others.map((edit) => left(edit, day.form, actions))}</ul></section>`;
}
