/** The shared worker: owns the live stream of all tabs. Wiring only. */
import { LiveStream } from './stream.js';
import { Tabs } from './stream-tabs.js';

const { live, snapshot } = Object.fromEntries(new URL(self.location.href).searchParams);
const SNAPSHOT_WITHIN = 8_000;

const tabs = new Tabs({
  makeStream: (callbacks) => new LiveStream({
    url: live, connect: (address) => new EventSource(address), ...callbacks,
  }),
  fetchSnapshot: async () => {
    const answer = await fetch(snapshot, { signal: AbortSignal.timeout(SNAPSHOT_WITHIN), redirect: 'error' });
    if (!answer.ok) throw new Error(`no snapshot: ${answer.status}`);
    return answer.json();
  },
});

self.addEventListener('connect', (event) => tabs.join(event.ports[0]));
