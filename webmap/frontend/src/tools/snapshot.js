/** 截图: the picture of this moment as a PNG, with what its colours mean and when it was taken. */
import { dateTime } from '../format.js';
import { t } from '../i18n/index.js';
import { creditWords } from '../base/credits.js';
import { drawFrame, drawNotes, drawSigns } from './snapshot-drawing.js';

export class Snapshot {
  #cityMap = null;

  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {() => object[]} parts.explained legends of what is drawn, as parts.js tells them
   * @param {() => string[]} parts.credits who is to be named for what is drawn
   * @param {string} parts.timeZone of the command centre
   * @param {string} parts.account who takes the picture
   */
  constructor({ store, explained, credits, timeZone, account }) {
    Object.assign(this, { store, explained, credits, timeZone, account });
  }

  opened(cityMap) {
    this.#cityMap = cityMap;
  }

  /** Take the picture and give it to the browser as a file to save. */
  async take() {
    if (this.#cityMap === null || this.store.state.snapshot.status === 'drawing') return;
    this.#set({ status: 'drawing', error: null });
    try {
      const { name, blob } = await this.picture();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers read it only after the click
      this.#set({ status: 'idle' });
    } catch (error) {
      this.#set({ status: 'failed', error });
    }
  }

  /** @returns {Promise<{name: string, blob: Blob}>} the picture as it stands now */
  async picture() {
    const canvas = await this.#map();
    const context = canvas.getContext('2d');
    const at = this.store.now();
    const ratio = canvas.width / this.#cityMap.container.clientWidth;
    drawSigns(context, ratio);
    drawFrame(context, ratio, {
      title: `${t('app.name')} · ${t('app.place')}`, time: this.moment(at), figures: this.#figures(), by: t('snapshot.by', { account: this.account }),
    });
    drawNotes(context, ratio, { legends: this.explained(), bearing: this.#cityMap.camera().bearing, credits: creditWords(this.credits()) });
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
    if (blob === null) throw new Error(t('snapshot.large'));
    return { name: `shapan-${dateTime(at, this.timeZone).replace(/\D+/g, '-').slice(0, 16)}.png`, blob };
  }

  /** When the picture was taken, and whether what it shows was live then, or of when it is. */
  moment(at) {
    const { connection: { state }, past } = this.store.state;
    if (past.on) return t('snapshot.past', { time: dateTime(past.at, this.timeZone) });
    return `${dateTime(at, this.timeZone)} · ${t(state === 'live' ? 'snapshot.live' : 'snapshot.stale')}`;
  }

  #figures() {
    const { counts, past } = this.store.state;
    const { buildings, residents } = past.on ? past.picture?.counts ?? {} : counts;
    return [['buildings', buildings], ['residents', residents], ['alarms', past.on ? past.picture?.alarms_total ?? NaN : this.store.openAlarms()]]
      .map(([name, value]) => [t(`counts.${name}`), value]);
  }

  /** A copy of what the map draws next: the drawing buffer holds it in that moment only. */
  #map() {
    const { map } = this.#cityMap;
    return new Promise((resolve) => {
      map.once('render', () => {
        const drawn = map.getCanvas();
        const canvas = Object.assign(document.createElement('canvas'), { width: drawn.width, height: drawn.height });
        canvas.getContext('2d').drawImage(drawn, 0, 0);
        resolve(canvas);
      });
      map.triggerRepaint();
    });
  }

  #set(changes) {
    this.store.set('snapshot', { snapshot: { ...this.store.state.snapshot, ...changes } });
  }
}
