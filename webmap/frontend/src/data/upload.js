/** Files on their way to the server: what may be sent, the form, the request with its progress. */
import { ApiError } from '../api.js';
import { number } from '../format.js';
import { t } from '../i18n/index.js';

/** Fields of the form that are sent as they stand; empty ones are left out. */
const TEXTS = ['concept', 'crs', 'source', 'layer', 'key', 'max_rejects', 'on_conflict', 'mapping'];

/** How much of its area a mended outline may gain or lose; what `--repair` means by itself. */
const MENDED_AREA = '1%';

/** "3.4 MB": bytes in the largest unit that leaves a number above one. */
export function size(bytes) {
  if (bytes < 1024) return t('size.bytes', { size: number(bytes) });
  if (bytes < 1024 * 1024) return t('size.kb', { size: number(bytes / 1024) });
  return t('size.mb', { size: number(bytes / 1024 / 1024, 1) });
}

/** Which concept a file's name speaks of: its name or Chinese word, the longest that fits; '' for none. */
export function guessConcept(fileName, concepts) {
  const lower = fileName.toLowerCase();
  const hits = concepts.filter(({ name, title }) => lower.includes(name) || lower.includes(name.replace(/s$/, ''))
    || fileName.includes(title));
  return hits.sort((a, b) => b.name.length - a.name.length)[0]?.name ?? '';
}

/** What keeps a form from being sent, as a sentence; '' for nothing. The server judges the rest. */
export function obstacle({ files, concept, catalogue }) {
  if (catalogue.concepts.length === 0) return t('upload.no.worker');
  if (files.length === 0) return t('upload.need.file');
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (bytes > catalogue.largest_mb * 1024 * 1024) {
    return t('upload.too.large', { size: size(bytes), largest: number(catalogue.largest_mb) });
  }
  return concept ? '' : t('upload.need.concept');
}

/** The multipart form: texts first, so that the server knows them when the files arrive. */
export function formOf(values, files, Form = FormData) {
  const form = new Form();
  for (const name of TEXTS) if (values[name]) form.append(name, values[name]);
  for (const name of ['dry_run', 'override_crs', 'swap_axes']) if (values[name]) form.append(name, 'true');
  if (values.repair) form.append('repair', MENDED_AREA);
  for (const file of files) form.append('file', file, file.name);
  return form;
}

/** An error document of the server, or whatever came instead, as an ApiError with its faults. */
export function failureOf(status, text) {
  try {
    const problem = JSON.parse(text);
    const error = new ApiError({
      status, title: problem.title, detail: problem.detail ?? '', requestId: problem.request_id ?? '',
    });
    return Object.assign(error, { faults: problem.faults ?? [] });
  } catch {
    return status === 0
      ? new ApiError({ status, title: t('error.network'), cure: t('error.network.cure') })
      : new ApiError({ status, title: t('error.unreadable', { status }), cure: t('error.unreadable.cure') });
  }
}

/**
 * Send a form. `onProgress(share)` is called while it goes; `abort()` on the result stops it.
 * fetch tells nothing about the bytes that have left, so this is an XMLHttpRequest.
 */
export function send(url, form, { onProgress, onDone, onFailure, onAbort, Request = XMLHttpRequest }) {
  const request = new Request();
  request.open('POST', url);
  request.setRequestHeader('Accept', 'application/json');
  request.setRequestHeader('X-Shapan', '1');
  request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total ? loaded / total : 0));
  request.addEventListener('load', () => {
    if (request.status === 201) onDone(JSON.parse(request.responseText));
    else onFailure(failureOf(request.status, request.responseText));
  });
  request.addEventListener('error', () => onFailure(failureOf(0, '')));
  request.addEventListener('abort', () => onAbort());
  request.send(form);
  return request;
}
