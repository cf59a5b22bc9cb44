/** What the height of a building says on the map: metres, or who lives in it (as its own height, or as a column). Pure. */

/** The first one is the default. */
export const FORMS = ['height', 'residents', 'columns'];

/** So many metres for each resident: a residential tower keeps about the height that it has. */
export const METRES_PER_RESIDENT = 0.5;

/** A building without residents is still to be seen, and one that columns stand on is not to hide them. Metres. */
const SLAB = 0.8;

/** Metres above ground that something may reach, by form: without it what stands over the screen's edge is missing. */
const REACH = { height: 400, residents: 2500, columns: 2500 };

/** Metres above its base that a building is drawn with. `residents` may be missing. */
export function formHeight(form, { drawn_height_m: height, residents }) {
  if (form === 'height') return height;
  if (form === 'columns') return SLAB;
  return Math.max(SLAB, columnHeight(residents ?? 0));
}

/** Metres of so many residents, up to what may be reached. */
export function columnHeight(residents) {
  return Math.min(residents * METRES_PER_RESIDENT, REACH.residents);
}

/** [lowest, highest] metres above ground of what is drawn. */
export function formReach(form) {
  return [0, REACH[form]];
}
