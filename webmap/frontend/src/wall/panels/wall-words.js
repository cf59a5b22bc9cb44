/** What several panels of the wall say of an alarm. */
import { isTerm, named, t, term } from '../../i18n/index.js';

/** Its grid, by name. */
export const gridOf = (brief, rollUp) => brief.grid_name || named(rollUp.place(brief.grid_code ?? '')) || '';

/** Where it is: its building, else its grid. */
export const siteOf = (brief, rollUp) => brief.building_name || gridOf(brief, rollUp) || t('alarms.noplace');

/** Its community and grid. */
export const wayOf = (brief, rollUp) => {
  const code = brief.grid_code ?? '';
  return [named(rollUp.place(code.slice(0, 12))), gridOf(brief, rollUp)].filter(Boolean).join(' · ');
};

/** What it is: this page's word, else the one on record. What a gateway calls it is free text, and no wall says it. */
export const typeOf = ({ type, type_name: name }) => (isTerm('type', type) ? term('type', type) : name || t('wall.type.other'));
