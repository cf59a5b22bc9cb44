/** Tables as files for a spreadsheet, which takes nothing in them for a formula. */

/** Beginnings that a spreadsheet takes for a formula (OWASP, CSV injection); the same as in webmap/sheets.py. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/** One cell: null is empty; text that would be worked out stands behind an apostrophe; numbers stay numbers. */
function cell(value) {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {string[]} heads @param {any[][]} rows @returns {string} CSV with a byte order mark, by which spreadsheets know UTF-8 */
export const csvText = (heads, rows) => `\ufeff${[heads, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;

/** Give the browser a text as a file to save. */
export function saveFile(name, text, type = 'text/csv;charset=utf-8') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers read it only after the click
}

/** A name that every system can store: "录入率-青山社区-2026-11-23.csv". */
export const fileName = (words, ending = 'csv') => `${words.filter(Boolean).join('-').replace(/[\p{Cc}<>:"/\\|?*]/gu, '_').slice(0, 120)}.${ending}`;
