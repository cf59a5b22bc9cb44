/** HTTP-FLV, as most Chinese video platforms give it beside HLS, with less delay: by mpegts.js. */
import mpegts from 'mpegts.js';

/**
 * @param {HTMLVideoElement} video
 * @param {string} url
 * @param {(reason: 'silent'|'unplayable') => void} onFault
 * @returns {() => void} ends it
 */
export function play(video, url, onFault) {
  if (!mpegts.isSupported()) {
    onFault('unplayable');
    return () => {};
  }
  mpegts.LoggingControl.enableAll = false;
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, {
    enableWorker: false, enableStashBuffer: false, liveBufferLatencyChasing: true, autoCleanupSourceBuffer: true,
  });
  player.on(mpegts.Events.ERROR, (type) => onFault(type === mpegts.ErrorTypes.NETWORK_ERROR ? 'silent' : 'unplayable'));
  player.attachMediaElement(video);
  player.load();
  return () => player.destroy();
}
