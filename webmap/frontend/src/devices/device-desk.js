/** 设备卡片: the device, the facility or the group of them that is open, kept current while it is. Only the newest request counts. */
import { requestJson } from '../api.js';
import { CameraPlayer } from './camera-player.js';
import { address } from '../config.js';
import { NO_THING } from './device-state.js';

/** What becomes of a card by the status of an answer; any other trouble is worth another try. */
const FAILURES = { 403: 'forbidden', 404: 'missing' };

/** Milliseconds after which an open card is read again: the stream tells of freshness, not of each value. */
export const FRESHEN = 30_000;

/** Quantities with a curve, and points of one. */
const CURVES = 4;
const POINTS = 240;

export class DeviceDesk {
  #abort = null;
  #timer = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {{devices: string, facilities: string}} parts.urls
   * @param {string[]} parts.cameraHosts origins that this page may ask for streams
   */
  constructor({ store, urls, cameraHosts }) {
    Object.assign(this, { store, urls });
    this.camera = new CameraPlayer({ store, url: urls.devices, hosts: cameraHosts });
    // Behind another card of the same alarm nobody sees it.
    store.subscribe(['dossier'], () => store.state.dossier.status !== 'closed' && store.state.dossier.tab !== 'device' && this.camera.stop());
    this.hears = {
      device: (device) => this.#hear(device),
      'tiles-changed': ({ changes }) => {
        if (changes.some(({ layer }) => layer === `${this.#open.what === 'facility' ? 'facilities' : 'devices'}`)) this.#readAgain();
      },
    };
  }

  restore({ device, facility, alarm, warning }) {
    if (alarm || warning) return; // the place beside the map is theirs
    if (device) this.open('device', device);
    else if (facility) this.open('facility', facility);
  }

  linked() {
    const { what, id } = this.#open;
    return { device: what === 'device' ? id : null, facility: what === 'facility' ? id : null };
  }

  streamBegan() {
    this.#readAgain();
  }

  get #open() {
    return this.store.state.device;
  }

  #set(changes) {
    this.store.set('device', { device: { ...this.#open, ...changes } });
  }

  /** Read the card of a device or facility by its code. */
  async open(what, id) {
    this.close();
    if (!this.urls.devices) return; // this account may not
    this.#set({ ...NO_THING, status: 'loading', what, id });
    await this.#read();
  }

  /** Show several that share a mark, as groupThings makes them. */
  openGroup({ key, members, lon, lat, z }) {
    this.close();
    this.#set({ ...NO_THING, status: 'open', what: 'group', id: key, members, at: { longitude: lon, latitude: lat, z } });
  }

  retry() {
    return this.open(this.#open.what, this.#open.id);
  }

  close() {
    this.camera.stop();
    this.#abort?.abort();
    clearTimeout(this.#timer);
    if (this.#open.status !== 'closed') this.store.set('device', { device: { ...NO_THING } });
  }

  /** Read what is open once more; what is shown stays until then, and where no answer comes. */
  #readAgain() {
    if (['device', 'facility'].includes(this.#open.what) && this.#open.status === 'open') this.#read();
  }

  async #read() {
    this.#abort?.abort();
    const { signal } = this.#abort = new AbortController();
    const { what, id, status } = this.#open;
    const url = what === 'device' ? this.urls.devices : this.urls.facilities;
    try {
      const card = await requestJson(address(`${url}/{id}`, { id }), { signal });
      this.#set({ status: 'open', card, error: null });
      this.store.addTold(card.alarms);
      if (what === 'device') await this.#readCurves(card, signal);
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      const failure = FAILURES[error.status];
      if (failure) this.camera.stop();
      if (failure || status === 'loading') this.#set({ status: failure ?? 'failed', error, card: null });
    }
    this.#plan();
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.#open.status !== 'open' || this.#open.what === 'group') return;
    this.#timer = setTimeout(() => this.#readAgain(), FRESHEN);
    this.#timer.unref?.(); // Node's tests end without it
  }

  /** What a device measured in the last day. */
  async #readCurves({ code, values }, signal) {
    const measured = values.filter(({ value, unit }) => typeof value === 'number' && unit).slice(0, CURVES);
    await Promise.all(measured.map(async ({ quantity }) => {
      const query = new URLSearchParams({ quantity, limit: POINTS });
      let curve;
      try {
        curve = { status: 'ready', ...await requestJson(`${address(`${this.urls.devices}/{code}/readings`, { code })}?${query}`, { signal }) };
      } catch (error) {
        if (error.name === 'AbortError') return;
        if (!error.title) throw error;
        curve = { status: 'failed', error };
      }
      if (this.#open.id === code) this.#set({ history: new Map([...this.#open.history, [quantity, curve]]) });
    }));
  }

  /** The stream tells how a device is: shown at once; what else is new of it is read. */
  #hear({ code, freshness, last_seen: lastSeen }) {
    const { what, id, card } = this.#open;
    if (what !== 'device' || id !== code || !card) return;
    this.#set({ card: { ...card, freshness, last_seen: lastSeen ?? card.last_seen } });
    this.#readAgain();
  }
}
