/** Whole numbers that look random and are the same in every run: `chance(seed)(n)` is at least 0 and below n. */
export function chance(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Numbers from 0 to below 1, the same in every run. */
export function share(seed) {
  const whole = chance(seed);
  return () => whole(2 ** 30) / 2 ** 30;
}
