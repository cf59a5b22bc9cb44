/** What is said of events. Pure. */
import { named } from '../i18n/index.js';

/** The name of a class, major or minor, else its code. */
export const eventWords = (classes, code) => named(classes.get(code)) || code;
