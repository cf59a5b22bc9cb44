/** A page that says what went wrong; where a role may not see a page, the demo account chooses another one on it. */
import './refused.css';
import { setLanguage } from './i18n/index.js';
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
