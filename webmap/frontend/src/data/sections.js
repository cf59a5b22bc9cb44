/** The sections of the data page: which there are, and which an account may open. Pure. */

/** In the order of the rail; `url`: the address without which the account may not see it. */
export const SECTIONS = [
  { name: 'imports', icon: 'upload', url: 'imports' },
  { name: 'rates', icon: 'gauge', url: 'rates' },
  { name: 'rooms', icon: 'worklist', url: 'survey' },
  { name: 'survey', icon: 'compare', url: 'conflicts' },
  { name: 'keepers', icon: 'keeper', url: 'assessment' },
  { name: 'layers', icon: 'floors', url: 'catalogue' },
  { name: 'connect', icon: 'plug', url: 'catalogue' },
  { name: 'links', icon: 'key', url: 'accessLinks' },
];

/** The sections that the addresses of a page allow. */
export const allowed = (urls) => SECTIONS.filter(({ url }) => url in urls);

/** The section that a link means: the one it names where the account may open it, else the first. */
export function meant(view, urls) {
  const sections = allowed(urls);
  return (sections.find(({ name }) => name === view) ?? sections[0]).name;
}
