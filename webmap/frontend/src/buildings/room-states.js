/** States of a room (户室状态), as spatial/rules/occupancy.py tells them, and an open alarm before all. Pure. */

/** Name of each with its icon, those that need somebody first: icons tell them apart without colour. */
export const ROOM_STATES = {
  alarm: 'alarm', care: 'health', unsurveyed: 'pending', vacant: 'door', rented: 'key', occupied: 'person', business: 'office',
};

/** How many rooms are in each state: { alarm: 0, care: 2, … }, every state present. */
export function countStates(rooms) {
  const counts = Object.fromEntries(Object.keys(ROOM_STATES).map((state) => [state, 0]));
  for (const { state } of rooms) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
