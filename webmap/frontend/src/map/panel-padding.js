/** How much of the map panels cover. */

/** Panels end above the middle of the screen more often than not: the city may reach this far under them. */
const UNDER_PANELS = 0.25;

/**
 * Pixels of the map that panels cover, so that the middle of the city, or an alarm, stands in the free part. `under`: the
 * share of a panel that may cover what is shown; 0 where all of it is to be seen, beside a card as well.
 */
export function panelPadding({ width, height }, under = UNDER_PANELS) {
  const covered = (slot) => {
    const box = document.querySelector(`.${slot}`)?.getBoundingClientRect();
    return box && box.width < width / 2 ? box.width * (1 - under) : 0;
  };
  // Where all of it is to be seen, the buttons beside the panels are in the way as well.
  const buttons = under > 0 ? 0 : document.querySelector('.map-controls')?.offsetWidth ?? 0;
  return {
    left: covered('left-side'),
    right: buttons + covered('right-side') + (document.querySelector(under > 0 ? '.dossier, .thing-card' : '.card-place article:not([hidden])')
      ? covered('card-place') : 0),
    top: ['top', 'warning-strip'].reduce((sum, name) => sum + (document.querySelector(`.${name}`)?.offsetHeight ?? 0), 0),
    bottom: height * 0.02,
  };
}
