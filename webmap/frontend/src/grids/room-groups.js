/** 待采集户室, grouped by building. Pure. */

/**
 * Add a page of the worklist to what was read before.
 * @param {object[]} groups as this function returns them
 * @param {{rooms: object[], gaps: object[]}} page as `/api/tasks/survey` answers
 * @returns {{id: number, code: string, name: string, rooms: object[], gaps: object[], missing: number}[]} in the order of
 *   the pages; `missing`: rooms that should be there and are not on record
 */
export function withPage(groups, { rooms, gaps }) {
  const found = new Map(groups.map((group) => [group.id, { ...group }]));
  const of = ({ building_id: id, building_code: code, building_name: name }) => {
    if (!found.has(id)) found.set(id, { id, code, name: name || code, rooms: [], gaps: [], missing: 0 });
    return found.get(id);
  };
  for (const room of rooms) of(room).rooms = [...of(room).rooms, room];
  for (const gap of gaps) {
    const group = of(gap);
    group.gaps = [...group.gaps, gap];
    group.missing += gap.missing;
  }
  return [...found.values()].sort((one, other) => (one.code < other.code ? -1 : 1));
}

/** How many rooms some groups hold, on record or missing. */
export const roomsIn = (groups) => groups.reduce((sum, { rooms, missing }) => sum + rooms.length + missing, 0);
