/** 确认告警: tell the server, show its answer. */
import { requestJson } from './api.js';
import { address } from './config.js';

/** Acknowledge one alarm. The mark turns steady when the server has said so, never before. */
export async function acknowledge(store, url, id) {
  const { acknowledging } = store.state;
  if (acknowledging.has(id)) return;
  acknowledging.add(id);
  store.set('alarms', { acknowledgeError: null });
  try {
    store.applyAlarm(await requestJson(address(url, { id }), { method: 'POST' }));
  } catch (error) {
    store.set('alarms', { acknowledgeError: { id, error } });
  } finally {
    acknowledging.delete(id);
    store.touch('alarms');
  }
}
