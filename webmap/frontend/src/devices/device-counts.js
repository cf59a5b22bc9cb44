/**
 * 统计: how many devices of each kind are fresh, late, lost or were never heard of, and how many facilities of each class there are.
 * The stream tells each change of a device with what it was, so that the counts follow at once; a while after a change they are
 * read anew, because a change that was told while they were read is counted once too often or not at all.
 */
import { requestJson } from '../api.js';
import { isAnyChosen } from './device-state.js';
import { counted } from './device-terms.js';

/** Milliseconds from a change to the next reading, and the spread: all pages hear of a change at once. */
export const SETTLE = 15_000;
export const SPREAD = 5_000;

/** After a change of the records. */
export const SOON = 2_000;

export class DeviceCounts {
  #timers = new Map();

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{devices: string, facilities: string}} parts.urls
   * @param {typeof setTimeout} [parts.later]
   */
  constructor({ store, urls, later = (callback, ms) => setTimeout(callback, ms) }) {
    Object.assign(this, { store, urls, later });
    store.subscribe(['folded', 'devices'], () => this.#wantsClasses && store.state.devices.classes.status === 'idle' && this.#read('classes'));
  }

  /** A stream begins: read what changed meanwhile; after an outage not all pages at once. */
  begin() {
    if (!this.urls.devices) return; // this account may not
    if (this.store.state.devices.counts.status === 'idle') this.#read('counts');
    else this.#plan('counts', SOON);
    this.recordsChanged('facilities');
  }

  /** Facilities are counted one by one: only for those who look at them. */
  get #wantsClasses() {
    const { folded, devices } = this.store.state;
    return Boolean(this.urls.devices) && (!folded.has('devices') || isAnyChosen(devices.choice.classes));
  }

  /** The stream tells that a device has another freshness. */
  hear(device) {
    const { counts } = this.store.state.devices;
    const kinds = counted(counts.kinds, device);
    if (kinds) this.#set('counts', { kinds });
    this.#plan('counts', kinds ? SETTLE : SOON);
  }

  /** The records of devices or facilities have changed. */
  recordsChanged(layer) {
    if (layer === 'devices') this.#plan('counts', SOON);
    else if (this.store.state.devices.classes.status !== 'idle') this.#plan('classes', SOON);
  }

  #plan(name, delay) {
    if (this.#timers.has(name)) return;
    this.#timers.set(name, this.later(() => {
      this.#timers.delete(name);
      if (name === 'counts' || this.#wantsClasses) this.#read(name);
      else this.#set('classes', { status: 'idle' }); // when somebody looks again
    }, delay + Math.random() * Math.min(delay, SPREAD)));
  }

  async #read(name) {
    if (this.store.state.devices[name].status === 'idle') this.#set(name, { status: 'loading' });
    const url = name === 'counts' ? `${this.urls.devices}/freshness` : `${this.urls.facilities}/classes`;
    try {
      const { kinds, classes } = await requestJson(url);
      this.#set(name, { ...(kinds ? { kinds } : { classes }), status: 'ready', error: null });
    } catch (error) {
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.#set(name, { status: 'failed', error });
    }
  }

  #set(name, changes) {
    const { devices } = this.store.state;
    this.store.set('devices', { devices: { ...devices, [name]: { ...devices[name], ...changes } } });
  }
}
