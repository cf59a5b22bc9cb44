/**
 * 列表停住: a list that does not jump under an operator's pointer. Pure: alarms in, alarms out.
 *
 * While it is held, every alarm stays where it was, as it is now: one that was closed or put elsewhere keeps its place
 * and is marked `gone`. What has come meanwhile is told apart and has no place yet.
 */
export class HeldOrder {
  #held = null;

  /** What is held: `{ flood, standing, shelved }`, or null. */
  get held() {
    return this.#held;
  }

  /**
   * Hold what is shown; an empty list has no order to hold.
   * @param {{flood: boolean, standing: object[], shelved: object[]}} shown whether by groups, and the alarms of both
   *   parts of the list in the order in which they stand
   */
  hold(shown) {
    if (shown.standing.length + shown.shelved.length > 0) this.#held = shown;
  }

  release() {
    this.#held = null;
  }

  /**
   * What is held, as it is now.
   * @param {object[]} alarms that belong into the list now, in any order
   * @param {(alarm: object) => boolean} isShelved
   * @returns {object[]} alarms that have come or come back since: those without a place
   */
  follow(alarms, isShelved) {
    const now = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    const left = (alarm) => (alarm.gone ? alarm : { ...alarm, state: 'closed', gone: true });
    const current = (list) => list.map((alarm) => now.get(alarm.id) ?? left(alarm));
    const { flood } = this.#held;
    const [standing, shelved] = [current(this.#held.standing), current(this.#held.shelved)];
    this.#held = { flood, standing, shelved };
    for (const { id } of standing) now.delete(id);
    for (const alarm of shelved) if (isShelved(alarm)) now.delete(alarm.id);
    return [...now.values()];
  }
}
