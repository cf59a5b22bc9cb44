/**
 * A page that says what went wrong. Where nobody is logged in it opens the link that its own address may hold; where a role may not
 * see a page, the demo account chooses another one on it.
 */
import './refused.css';
import { leaveLink, openedLink, told } from './access-link.js';
import { setLanguage, t } from './i18n/index.js';
import { chooseRole, followRole } from './role-switch.js';

setLanguage(document.documentElement.lang);
const reload = () => location.reload();
followRole(reload);
for (const button of document.querySelectorAll('[data-role]')) {
  button.addEventListener('click', async () => {
    const said = document.querySelector('[role="alert"]');
    said.textContent = '';
    button.disabled = true;
    try {
      await chooseRole(button.dataset.role, { reload });
    } catch (error) {
      if (!error.title) throw error;
      said.textContent = [error.title, error.detail, error.cure].filter(Boolean).join(' ');
      button.disabled = false;
    }
  });
}

const link = document.querySelector('[data-link]');
const say = (role, sentence) => { link.querySelector(`[role="${role}"]`).textContent = sentence; };

async function tryLink() {
  say('status', t(`link.${link.dataset.link}`));
  const onTrouble = (sentence) => { say('status', ''); say('alert', sentence); };
  if (await openedLink({ location, history, onTrouble })) {
    say('status', t('link.opened'));
    return;
  }
  const leave = link.querySelector('[data-leave]');
  leave.hidden = link.dataset.link !== 'over';
  leave.addEventListener('click', async () => {
    leave.disabled = true;
    try {
      await leaveLink();
      reload();
    } catch (error) {
      if (!error.title) throw error;
      say('alert', told(error));
      leave.disabled = false;
    }
  });
}

if (link) await tryLink();
