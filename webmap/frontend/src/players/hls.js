/** HLS: by Safari itself, by hls.js everywhere else. */
import Hls from 'hls.js/light';

/** Seconds that are kept of what was shown, and read ahead: a camera is live. */
const BEHIND = 10;
const AHEAD = 12;

/** One try and another one at once; whether it goes on waiting is the person's choice. */
const LOAD = { default: { maxTimeToFirstByteMs: 7000, maxLoadTimeMs: 7500, timeoutRetry: null, errorRetry: { maxNumRetry: 1, retryDelayMs: 500, maxRetryDelayMs: 500 } } };

/**
 * @param {HTMLVideoElement} video
 * @param {string} url of a playlist
 * @param {(reason: 'silent'|'unplayable') => void} onFault
 * @returns {() => void} ends it
 */
export function play(video, url, onFault) {
  if (!Hls.isSupported()) {
    video.addEventListener('error', () => onFault(video.error?.code === 2 ? 'silent' : 'unplayable'), { once: true });
    video.src = url;
    return () => {
      video.removeAttribute('src');
      video.load();
    };
  }
  const player = new Hls({
    enableWorker: false, backBufferLength: BEHIND, maxBufferLength: AHEAD, manifestLoadPolicy: LOAD, playlistLoadPolicy: LOAD, fragLoadPolicy: LOAD,
  });
  player.on(Hls.Events.ERROR, (_, { fatal, type }) => fatal && onFault(type === Hls.ErrorTypes.NETWORK_ERROR ? 'silent' : 'unplayable'));
  player.loadSource(url);
  player.attachMedia(video);
  return () => player.destroy();
}
