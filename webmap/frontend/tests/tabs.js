/** A shared worker, its stream and its tabs, in a time that stands still until a test moves it. */
import { SharedStream } from '../src/live/shared-stream.js';
import { Tabs } from '../src/live/stream-tabs.js';

/** A clock that stands still until `pass` moves it in steps of half a second; timers of all who share it. */
function makeClock() {
  const clock = {
    time: 0,
    timers: new Map(),
    now: () => clock.time,
    setInterval: (callback, ms) => {
      const timer = { callback, ms, due: clock.time + ms };
      clock.timers.set(timer, timer);
      return timer;
    },
    clearInterval: (timer) => clock.timers.delete(timer),
    pass: async (ms) => {
      for (let end = clock.time + ms; clock.time < end;) {
        clock.time += 500;
        for (const timer of [...clock.timers.values()]) {
          while (timer.due <= clock.time && clock.timers.has(timer)) {
            timer.due += timer.ms;
            timer.callback();
          }
        }
        await settled();
      }
    },
  };
  return clock;
}

export const settled = async () => { for (let turn = 0; turn < 10; turn += 1) await null; };

/** Two ends of a MessageChannel whose messages arrive in order, unless an end is `deaf`. */
function makeChannel() {
  const ends = [{}, {}];
  for (const [index, end] of ends.entries()) {
    const other = ends[1 - index];
    Object.assign(end, {
      closed: false,
      deaf: false,
      waiting: [],
      close: () => { end.closed = true; },
      postMessage: (data) => {
        const message = structuredClone(data);
        if (!end.closed) queueMicrotask(() => (other.deaf ? other.waiting.push(message) : other.take(message)));
      },
      take: (data) => !end.closed && end.onmessage?.({ data }),
      thaw: () => {
        end.deaf = false;
        for (const data of end.waiting.splice(0)) end.take(data);
      },
    });
  }
  return ends;
}

/** A worker with a stream that the test speaks through, and tabs. */
export function build() {
  const clock = makeClock();
  const streams = [];
  const asked = [];
  const makeStream = (callbacks) => {
    const stream = {
      ...callbacks,
      open: false,
      calls: [],
      start: () => { stream.open = true; callbacks.onStatus({ state: 'connecting', since: null }); },
      stop: () => { stream.open = false; },
      live: () => callbacks.onStatus({ state: 'live', since: clock.time }),
      begin: (seq, alarms = []) => {
        callbacks.onGap();
        callbacks.onMessage('snapshot', { seq, alarms }, seq);
        stream.live();
      },
      check: () => stream.calls.push('check'),
      hurry: () => stream.calls.push('hurry'),
      restart: () => stream.calls.push('restart'),
    };
    streams.push(stream);
    return stream;
  };
  const tabs = new Tabs({
    makeStream, clock, fetchSnapshot: () => new Promise((resolve, reject) => { asked.push({ resolve, reject }); }),
  });
  const worker = { dead: false, deaf: false };
  const makeTab = () => {
    const tab = { messages: [], gaps: 0, states: [], unusable: 0, ends: [], timers: [] };
    const setInterval = (...parts) => tab.timers[tab.timers.push(clock.setInterval(...parts)) - 1];
    tab.stream = new SharedStream({
      clock: { ...clock, setInterval },
      connect: () => {
        const [mine, theirs] = makeChannel();
        tab.ends.push(mine);
        if (!worker.dead) tabs.join(theirs);
        return mine;
      },
      onMessage: (name, data) => tab.messages.push([name, data]),
      onGap: () => { tab.gaps += 1; },
      onStatus: ({ state, since }) => tab.states.push([state, since]),
      onServerTime: (time) => { tab.serverTime = time; },
      onUnusable: () => { tab.unusable += 1; },
    });
    tab.state = () => tab.states.at(-1)[0];
    // A browser that freezes a tab stops its timers and keeps what is sent to it.
    tab.freeze = () => {
      tab.timers.forEach((timer) => clock.timers.delete(timer));
      tab.ends[0].deaf = true;
    };
    tab.stream.start();
    return tab;
  };
  return { clock, tabs, streams, asked, makeTab, worker };
}

/** The same with one tab whose stream has begun with snapshot `seq`. */
export async function begun(seq = 4) {
  const parts = build();
  const first = parts.makeTab();
  await settled();
  parts.streams[0].begin(seq);
  await settled();
  return { ...parts, first, stream: parts.streams[0] };
}
