/** Keys of the planner page. */
import { offers, TOOLS } from './plan-terms.js';

/** Do what a key means, unless somebody types. */
export function keyed(event, actions, { plan, work }) {
  if (plan === null || event.target.closest?.('input, textarea, select')) return;
  const key = event.key.toLowerCase();
  const may = offers(plan, work.chosen);
  const done = () => event.preventDefault();
  if (key === 'escape') actions.putAway();
  else if ((event.ctrlKey || event.metaKey) && key === 'z' && !event.shiftKey) {
    done();
    if (may.draw && plan.can.undo) actions.undo();
  } else if ((event.ctrlKey || event.metaKey) && (key === 'y' || (key === 'z' && event.shiftKey))) {
    done();
    if (may.draw && plan.can.redo) actions.redo();
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key === 'm' && may.merge) actions.operate({ kind: 'merge', faces: work.chosen });
  else if (key === 'a' && may.draw) actions.draft.open();
  else if (key === 'enter' && work.preview) actions.confirm();
  else {
    const tool = TOOLS.find((one) => one.key === key);
    if (tool && (may.draw || tool.name === 'select')) actions.use(tool.name);
  }
}
