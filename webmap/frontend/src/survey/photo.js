/** A photograph as it is kept and sent: drawn anew, so small that a street's network carries it, and without what its file said. */
import { requestJson } from '../api.js';
import { LOST } from './pieces.js';

/** Pixels of the longer side. */
export const LONGEST = 1600;

/** What the server takes at most, with some room. */
export const MOST_BYTES = 1_900_000;

/** Beyond that even reading one may end the page on a small tablet. */
export const LARGEST_FILE = 80 * 2 ** 20;

/** Tries, each smaller than the one before. */
const TRIES = [[LONGEST, 0.82], [1280, 0.7], [960, 0.6]];

/** The size of a picture whose longer side is at most `longest`. */
export function fitted(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/**
 * Return a JPEG of a file.
 * @param {Blob} file any picture that the browser reads
 * @param {{ read: (file: Blob) => Promise<ImageBitmap>, draw: (picture: ImageBitmap, size: number[], quality: number) => Promise<Blob> }} by
 * @throws {Error} with `reason`: `large`, or `unreadable`
 */
export async function shrunk(file, { read, draw }) {
  if (file.size > LARGEST_FILE) throw Object.assign(new Error('large'), { reason: 'large' });
  let picture;
  try {
    picture = await read(file);
    for (const [longest, quality] of TRIES) {
      const blob = await draw(picture, fitted(picture.width, picture.height, longest), quality);
      if (blob && blob.size <= MOST_BYTES) return blob;
    }
  } catch {
    throw Object.assign(new Error('unreadable'), { reason: 'unreadable' });
  } finally {
    picture?.close?.();
  }
  throw Object.assign(new Error('large'), { reason: 'large' });
}

/** The browser's own way: a picture turned as its file says, drawn on a canvas that nobody sees. */
export const byCanvas = {
  read: (file) => createImageBitmap(file, { imageOrientation: 'from-image' }),
  draw(picture, [width, height], quality) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d').drawImage(picture, 0, 0, width, height);
    return new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', quality); });
  },
};

const TIMEOUT_SECONDS = 60;

/**
 * Send a photograph that this device keeps.
 * @throws {ApiError} as requestJson; {Error} with `reason` LOST where the browser cannot read it any more: that is no matter of the network
 */
export async function putPhoto({ id, edit, blob }, request = requestJson) {
  let data;
  try {
    data = await blob.arrayBuffer();
  } catch {
    throw Object.assign(new Error(LOST), { reason: LOST });
  }
  await request(`/api/survey/photos/${id}?edit=${edit}`, { method: 'PUT', data, mediaType: 'image/jpeg', timeoutSeconds: TIMEOUT_SECONDS });
}
