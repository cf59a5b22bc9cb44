/** 警情处置台: what an operator has before them of alarms: the open dossier, the steps under way, the flood. */
import { AlarmRefill } from './alarm-refill.js';
import { isUnacknowledged } from './alarm-terms.js';
import { Dossier } from './dossier.js';
import { FloodWatch } from './flood-watch.js';
import { Handling } from './handling.js';

export class AlarmDesk {
  /**
   * @param {object} parts
   * @param {import('../store.js').Store} parts.store
   * @param {string} parts.url of the alarms
   * @param {string} parts.snapshot of all that is live
   * @param {string} parts.account who works here
   * @param {boolean} parts.mayHandle whether that account may take steps
   * @param {boolean} parts.maySee whether it may see single alarms; else it is told how many there are
   */
  constructor({ store, url, snapshot, account, mayHandle, maySee = true }) {
    Object.assign(this, { store, account, mayHandle });
    if (maySee) this.refill = new AlarmRefill({ store, url: snapshot });
    this.dossier = new Dossier({ store, url });
    this.flood = new FloodWatch({ store, url });
    this.handling = new Handling({ store, url, onAlarm: (alarm) => this.#apply(alarm) });
    this.hears = {
      snapshot: () => {
        if (maySee) this.flood.begin();
        this.dossier.check();
      },
      alarm: (alarm) => {
        this.#apply(alarm);
        this.flood.hear(alarm);
      },
    };
  }

  restore({ alarm }) {
    if (alarm) this.open(alarm);
  }

  linked() {
    return { alarm: this.store.state.dossier.id };
  }

  close() {
    this.dossier.close();
  }

  #apply(alarm) {
    this.handling.hear(alarm);
    this.store.applyAlarm(alarm);
    this.dossier.hear(alarm);
  }

  /** Open the dossier of an alarm; one that is open already stays as it is. */
  open(id) {
    const { dossier } = this.store.state;
    if (dossier.id === id && ['open', 'loading'].includes(dossier.status)) this.dossier.showTab('alarm');
    else this.dossier.open(id);
  }

  /** Take one step with one alarm; what was asked for it is put away once the server has done it. */
  async take(id, step, body) {
    const done = await this.handling.take(id, step, body);
    const { dossier } = this.store.state;
    if (done && dossier.id === id && dossier.form === step) this.dossier.ask(null);
    return done;
  }

  toggleGroup(id) {
    const { openGroups } = this.store.state;
    if (!openGroups.delete(id)) openGroups.add(id);
    this.store.touch('alarms');
  }

  /** What is shown of a group; the whole group by one call where nothing of it is filtered out or put aside. */
  acknowledgeGroup({ id, unacknowledged }) {
    const whole = [...this.store.alarms.values()].filter((alarm) => alarm.group_id === id && isUnacknowledged(alarm));
    return whole.length === unacknowledged.length
      ? this.handling.acknowledgeGroup(id) : this.handling.takeMany(id, unacknowledged, 'acknowledge');
  }

  /** Ask for the words of clearing a whole group; null closes what was asked. */
  askGroup(id) {
    this.store.set('alarms', { groupForm: id });
  }

  /** Put away what is being written; false when nothing is. */
  putAway() {
    const { dossier, groupForm } = this.store.state;
    if (groupForm !== null) this.askGroup(null);
    else if (dossier.form !== null) this.dossier.ask(null);
    else return false;
    return true;
  }

  async clearGroup({ id, active }, note) {
    const done = await this.handling.takeMany(id, active, 'clear', { note });
    if (done) this.askGroup(null);
  }

  closeGroup({ id, closable }) {
    return this.handling.takeMany(id, closable, 'close', { expected_state: 'cleared_ack' });
  }
}
