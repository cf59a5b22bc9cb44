/** Sending files to import: the form filled for a run, how far an upload is, what became of it. */
import { formOf, send } from '../upload.js';

export const uploadState = () => ({ prefill: null, upload: { status: 'idle', share: 0, error: null, id: null } });

export class UploadDesk {
  #sending = null;

  /** @param {import('../page.js').DataPage} page */
  constructor(page) {
    this.page = page;
  }

  /** Fill the form as it was filled for a run, to send the file that corrects it. */
  correct(run) {
    this.beginAnew();
    this.page.store.set('prefill', { prefill: { id: run.id, file: run.file, values: run.request } });
    this.page.close();
  }

  /** The form is a form of its own again. */
  forgetPrefill() {
    this.page.store.set('prefill', { prefill: null });
  }

  /** Send files; the run that they become is opened and followed. */
  send(values, files) {
    this.#setUpload({ status: 'sending', share: 0, error: null, id: null });
    this.#sending = send(this.page.config.urls.imports, formOf(values, files), {
      onProgress: (share) => this.#setUpload({ share }),
      onDone: ({ id }) => {
        this.#setUpload({ status: 'sent', share: 1, id });
        this.page.open(id);
        this.page.look();
      },
      onFailure: (error) => this.#setUpload({ status: 'failed', error }),
      onAbort: () => this.#setUpload({ status: 'stopped' }),
    });
  }

  stopSending() {
    this.#sending?.abort();
  }

  /** Files were chosen: what became of earlier ones is no longer of interest. */
  beginAnew() {
    this.#setUpload(uploadState().upload);
  }

  #setUpload(changes) {
    this.page.store.set('upload', { upload: { ...this.page.store.state.upload, ...changes } });
  }
}
