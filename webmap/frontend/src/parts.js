/**
 * What the sandbox page is made of. A part is one thing that the page can show or do: the alarms, the warnings, the heat of
 * events … Each is an object that has any of these hooks; the page asks all parts in the order in which they stand.
 *
 *   restore(link)         take over what a link says; `link` as parseUrlState reads it
 *   linked()              → what a link to this view carries of it, under the names of url-state.js
 *   opened(cityMap)       the map is there
 *   layers(look)          → { plane: deck.gl layers }, planes as in PLANES; asked before each picture that may differ
 *   takesClick({lngLat})  → true when it took a click anywhere on the map for itself
 *   picks                 ids of its layers in which a click finds something, the nearest first
 *   alone()               → true while clicks are meant for this part alone: they close nothing, and what they meet elsewhere
 *                         does not count
 *   clicked(info)         the click met this in one of them; whatever else stood open is closed already. Of a part that is
 *                         alone: null where it met nothing
 *   legends()             → what the colours of its layers mean now: [{ title, lines: [{ color: [r, g, b], hatched?, label, count?, shape? }] }];
 *                         `shape`: the severity whose mark stands in place of a patch of colour
 *   hears                 { name of an event of the stream: (data) => void }
 *   streamBegan()         a stream begins: what was not heard meanwhile may differ
 *   putAway()             Escape: → true when something was put away
 *   close()               something else is opened, or all is closed: close what stands beside the map
 *
 * `look` is { state, style, scale, below, metresPerPixel, relief }: the store's state, day or night, 1 for lines at 1080p,
 * layers of the base map to draw below (`labels`, `lines`), metres of a pixel at the camera, the ground (base/relief.js). A layer
 * is lifted onto the ground by itself (base/on-relief.js), unless it says `standsItself` and has heights above the ground's zero.
 */

/**
 * What lies on what, from below: fills on the ground, under roads; lines on the ground; what stands on it; what is seen
 * through everything; what is marked among the buildings.
 */
export const PLANES = ['ground', 'lines', 'standing', 'over', 'marked'];

export class Parts {
  #parts;

  /** @param {object[]} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Call a hook of all parts that have it. */
  tell(hook, ...values) {
    for (const part of this.#parts) part[hook]?.(...values);
  }

  /** Call a hook of all parts that have it but of those in `kept`. */
  tellOthers(kept, hook) {
    for (const part of this.#parts) if (!kept.includes(part)) part[hook]?.();
  }

  /** Tell all that listen for an event of the stream. */
  receive(name, data) {
    for (const { hears } of this.#parts) hears?.[name]?.(data);
  }

  /** What a link to this view carries; where two parts say the same, the later one that says anything. */
  linked() {
    const said = this.#parts.flatMap((part) => Object.entries(part.linked?.() ?? {}));
    return Object.fromEntries(said.filter(([, value]) => value !== null && value !== undefined));
  }

  /** All that deck.gl draws, from below. */
  layers(look) {
    const drawn = this.#parts.map((part) => part.layers?.(look) ?? {});
    return PLANES.flatMap((plane) => drawn.flatMap(({ [plane]: layers = [] }) => layers));
  }

  /** Whether a part takes a click for itself, whatever it met. */
  takesClick(at) {
    return this.#parts.some((part) => part.takesClick?.(at));
  }

  /** What the colours of all that is drawn mean. */
  legends() {
    return this.#parts.flatMap((part) => part.legends?.() ?? []);
  }

  /** The part that clicks are meant for alone, if there is one. */
  alone() {
    return this.#parts.find((part) => part.alone?.());
  }

  /** Layers in which a click finds something. */
  picks() {
    return this.alone()?.picks ?? this.#parts.flatMap(({ picks = [] }) => picks);
  }

  /** The part to which a layer belongs that a click has met. */
  ofPick(info) {
    return this.#parts.find(({ picks = [] }) => picks.includes(info?.layer?.id));
  }

  /** Put away the first thing that can be; false when there is none. */
  putAway() {
    return this.#parts.some((part) => part.putAway?.());
  }
}
