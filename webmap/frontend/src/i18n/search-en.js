/** The sentences of the search in English; search-zh-CN.js holds the same keys. */
export default {
  'search.label': 'Search: name, address, code or initials in pinyin',
  'search.placeholder': 'Name, address, code, pinyin',
  'search.results': 'What was found',
  'search.short': 'Type two characters at least.',
  'search.waiting': 'Searching …',
  'search.nothing': 'Nothing found for “{text}”.',
  'search.nothing.hint': 'Search by name, address, code or pinyin initials; residents are not searched.',
  'search.retry': 'Try again',
  'search.kind.area': 'Area',
  'search.kind.grid': 'Grid',
  'search.kind.building': 'Building',
  'search.kind.organisation': 'Organisation',
  'search.kind.facility': 'Facility',
  'search.kind.device': 'Device',
  'search.kind.place': 'Place',
  'search.kind.keeper': 'Keeper',
};
