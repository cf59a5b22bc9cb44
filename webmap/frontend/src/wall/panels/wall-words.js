/** What several panels of the wall say of an alarm. */
import { named, t } from '../../i18n/index.js';

/** Its grid, by name. */
export const gridOf = (brief, rollUp) => brief.grid_name || named(rollUp.place(brief.grid_code ?? '')) || '';

/** Where it is: its building, else its grid. */
export const siteOf = (brief, rollUp) => brief.building_name || gridOf(brief, rollUp) || t('alarms.noplace');

/** Its community and grid. */
export const wayOf = (brief, rollUp) => {
  const code = brief.grid_code ?? '';
  return [named(rollUp.place(code.slice(0, 12))), gridOf(brief, rollUp)].filter(Boolean).join(' · ');
};
