/** 处置过程: what happened to an alarm, the newest first. */
import { html } from 'lit';
import { dateTime, number, shortDateTime, timeOfDay } from '../format.js';
import { t } from '../i18n/index.js';
import { accountWords } from './alarm-words.js';

/** Entries that anybody reads; of the others the number. */
const MOST = 50;

/** What the word of a step does not say. */
function detailWords({ step, detail }, timeZone) {
  if (detail.because && detail.because !== 'time') return t(`because.${detail.because}`);
  if (step === 'shelved') return t('step.until', { time: shortDateTime(detail.until, timeZone) });
  if (step === 'escalated') return t('step.from.to', { from: t(`severity.${detail.from}`), to: t(`severity.${detail.to}`) });
  if (step === 'assigned') return detail.assignee ?? t('step.given.back');
  if (detail.because === 'time') return t('because.time');
  return detail.late ? t('step.late') : '';
}

/** The steps as the server tells them, in order; repeats in a row are one entry with their number. */
function folded(steps) {
  const entries = [];
  for (const step of steps) {
    const last = entries.at(-1);
    if (step.step === 'repeated' && last?.step === 'repeated' && !step.note) {
      entries[entries.length - 1] = { ...step, note: last.note, times: last.times + 1 };
    } else entries.push({ ...step, times: 1 });
  }
  return entries.reverse();
}

export function timeline(steps, timeZone) {
  const entries = folded(steps);
  return html`
    <section><h3>${t('dossier.timeline')}</h3>
      <ol class="timeline" data-testid="timeline">
        ${entries.slice(0, MOST).map((entry) => html`<li data-step=${entry.step}>
          <time title=${dateTime(entry.at, timeZone)}>${timeOfDay(entry.at, timeZone)}</time>
          <div><p><b>${t(`step.${entry.step}`)}</b>${entry.times > 1 ? ` × ${number(entry.times)}` : ''}
            <span>${detailWords(entry, timeZone)}</span>
            <span class="who">${accountWords(entry.account)}</span></p>
            ${entry.note ? html`<p class="said">${entry.note}</p>` : ''}</div></li>`)}
      </ol>
      ${entries.length > MOST ? html`<p class="hint">${t('dossier.timeline.more', { count: number(entries.length - MOST) })}</p>` : ''}
    </section>`;
}
