/** 地名: names of places. They are part of the base map's style, so showing is all. */

/** Value of "shapan:group" in the style's metadata. */
export const PLACES = 'labels';

/** Value of "shapan:under" in the style's metadata: names of places that give way to the figures written on them. */
export const UNDER_FIGURES = 'figures';

export function showNamesUnderFigures(cityMap, visible) {
  cityMap.showGroup(UNDER_FIGURES, visible);
}

export function showPlaces(cityMap, visible) {
  cityMap.showGroup(PLACES, visible);
}
