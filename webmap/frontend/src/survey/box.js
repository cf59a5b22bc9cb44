/**
 * Where the page keeps what must outlive it: forms, photographs, the list of the day. IndexedDB, or the memory of the page where the
 * browser has none, as in a private window: then the page says that nothing may be closed.
 */
const NAME = 'shapan-survey';
const STORES = ['edits', 'photos', 'day'];

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const finished = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(transaction.error);
  transaction.onerror = () => reject(transaction.error);
});

/** A box in IndexedDB. Every method rejects with the browser's DOMException; of a full disk it is a QuotaExceededError. */
class DatabaseBox {
  lasting = true;

  #database = null;

  #open;

  /** @param {() => Promise<IDBDatabase>} open once more, each time that the browser has closed it */
  constructor(open) {
    this.#open = open;
  }

  async opened() {
    if (this.#database) return this.#database;
    const database = await this.#open();
    const close = () => {
      this.#database = null;
      database.close();
    };
    // Another tab with a newer page wants to change the stores; or the browser has thrown them away.
    Object.assign(database, { onversionchange: close, onclose: close });
    this.#database = database;
    return database;
  }

  async all(store) {
    return done((await this.opened()).transaction(store).objectStore(store).getAll());
  }

  /** Keep values, all or none of them. */
  async put(store, ...values) {
    const transaction = (await this.opened()).transaction(store, 'readwrite', { durability: 'strict' });
    for (const value of values) transaction.objectStore(store).put(value);
    await finished(transaction);
  }

  async remove(store, ...ids) {
    const transaction = (await this.opened()).transaction(store, 'readwrite');
    for (const id of ids) transaction.objectStore(store).delete(id);
    await finished(transaction);
  }

  async clear() {
    const transaction = (await this.opened()).transaction(STORES, 'readwrite');
    for (const store of STORES) transaction.objectStore(store).clear();
    await finished(transaction);
  }
}

/** The same in the memory of the page; tests use it as well. */
export class MemoryBox {
  lasting = false;

  stores = Object.fromEntries(STORES.map((store) => [store, new Map()]));

  async all(store) {
    return [...this.stores[store].values()].map((value) => ({ ...value }));
  }

  async put(store, ...values) {
    for (const value of values) this.stores[store].set(value.id, { ...value });
  }

  async remove(store, ...ids) {
    for (const id of ids) this.stores[store].delete(id);
  }

  async clear() {
    for (const store of STORES) this.stores[store].clear();
  }
}

/** Open the box of this browser. */
export async function openBox(indexedDB) {
  try {
    const box = new DatabaseBox(() => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        for (const store of STORES) request.result.createObjectStore(store, { keyPath: 'id' });
      };
      return done(request);
    });
    await box.opened();
    return box;
  } catch {
    return new MemoryBox(); // forbidden, broken or not there
  }
}
