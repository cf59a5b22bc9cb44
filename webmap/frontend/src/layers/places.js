/** 地名: names of places. They are part of the base map's style, so showing is all. */

/** Value of "shapan:group" in the style's metadata. */
export const PLACES = 'labels';

export function showPlaces(cityMap, visible) {
  cityMap.showGroup(PLACES, visible);
}
