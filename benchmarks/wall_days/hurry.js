/*
 * A page whose long waits pass faster. Runs before the page does. What waits for half a minute or longer (readings of figures, looks at
 * the server's page) is waited for as much shorter, and a second at least; what is shorter (a heartbeat, a flight) stays as it is.
 */
(speed) => {
  const LONG = 30_000;
  const LEAST = 1000;
  const sooner = (ms) => (ms >= LONG ? Math.max(LEAST, ms / speed) : ms);
  for (const name of ['setTimeout', 'setInterval']) {
    const real = window[name].bind(window);
    window[name] = (callback, ms, ...more) => real(callback, sooner(ms), ...more);
  }
}
