/**
 * 视频: plays one camera at a time, and says in words why it does not. The page's policy lets it ask the hosts on an administrator's
 * list alone; where the server says that a camera's is none of them, nothing is asked at all.
 */
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { NO_CAMERA } from './device-state.js';

/** Milliseconds within which a picture must come, and go on. */
export const PATIENCE = 8_000;

/** What plays a stream: loaded when it is wanted. Each takes (video, url, onFault) and gives back what ends it. */
const PLAYERS = {
  hls: async () => (await import('../players/hls.js')).play,
  flv: async () => (await import('../players/flv.js')).play,
};

export class CameraPlayer {
  /** Ends what plays: of the newest call alone. */
  #end = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of the devices
   * @param {string[]} parts.hosts origins that this page may ask
   * @param {Record<string, () => Promise<Function>>} [parts.players]
   * @param {Document} [parts.document]
   */
  constructor({ store, url, hosts, players = PLAYERS, document = globalThis.document }) {
    Object.assign(this, { store, url, hosts, players, document });
    document?.addEventListener('visibilitychange', () => document.hidden && this.stop('hidden'));
  }

  #set(changes) {
    this.store.set('camera', { camera: { ...this.store.state.camera, ...changes } });
  }

  /** Play the camera with this code, and no other any more. */
  async play(code) {
    this.stop();
    const abort = new AbortController();
    this.#end = () => abort.abort();
    const { signal } = abort;
    this.#set({ ...NO_CAMERA, status: 'asking', code });
    try {
      const stream = await requestJson(address(`${this.url}/{code}/stream`, { code }), { signal });
      if (signal.aborted) return undefined;
      if (stream.state !== 'playable') return this.#refuse(stream.state, stream.origin);
      // The list has grown since this page was opened, and its policy has not.
      if (!this.hosts.includes(stream.origin)) return this.#refuse('reload', stream.origin);
      return await this.#start(stream, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!error.title) throw error; // not a failure of the service but a fault of this page: let it be seen
      this.stop();
      return this.#set({ status: error.status === 403 ? 'refused' : 'failed', code, reason: error.status === 403 ? 'forbidden' : 'service', error });
    }
  }

  /** End it. `reason`: a word about why, where a person did not do it. */
  stop(reason = null) {
    if (this.#end === null) return;
    this.#end();
    this.#end = null;
    const { code } = this.store.state.camera;
    this.#set({ ...NO_CAMERA, code: reason ? code : null, reason });
  }

  #refuse(reason, origin) {
    this.#end = null;
    this.#set({ status: 'refused', reason, origin });
  }

  #fail(reason, origin) {
    const { code } = this.store.state.camera;
    this.stop();
    this.#set({ ...NO_CAMERA, status: 'failed', code, reason, origin });
  }

  async #start({ player, url, origin }, signal) {
    const video = Object.assign(this.document.createElement('video'), { muted: true, playsInline: true, controls: true, autoplay: true });
    this.#set({ status: 'connecting', origin, video });
    const fail = (reason, of = origin) => !signal.aborted && this.#fail(reason, of);
    const playing = () => this.store.state.camera.status === 'playing';
    let timer = null;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (playing() && video.paused ? wait() : fail('silent')), PATIENCE); // a person may pause it
    };
    let shown = 0;
    video.addEventListener('timeupdate', () => {
      if (signal.aborted || video.currentTime === shown) return;
      shown = video.currentTime;
      wait();
      if (!playing()) this.#set({ status: 'playing' });
    }, { signal });
    video.addEventListener('ended', () => fail('ended'), { signal });
    // A playlist may name parts on another host: the browser refuses them, and tells so here alone.
    this.document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
      if (['connect-src', 'media-src'].includes(effectiveDirective)) fail('elsewhere', hostOf(blockedURI));
    }, { signal });
    signal.addEventListener('abort', () => clearTimeout(timer));
    wait();
    const play = await this.players[player]();
    if (signal.aborted) return;
    const end = play(video, url, (reason) => setTimeout(() => fail(reason), 0)); // after the browser has said what it refused
    signal.addEventListener('abort', () => {
      end();
      video.remove();
    });
    video.play?.()?.catch(() => {}); // a page that is not looked at may not play; the timer says so
  }
}

function hostOf(uri) {
  try {
    return new URL(uri).origin;
  } catch {
    return uri;
  }
}
