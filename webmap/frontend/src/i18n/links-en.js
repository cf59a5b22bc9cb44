/** The sentences of access links in English; links-zh-CN.js holds the same keys. */
export default {
  'link.none': 'Walls and keepers\' pages are opened by a link: use the one that your administrator has sent.',
  'link.over': 'The link that this browser had opened has expired or was revoked. Ask your administrator for a new one and open it here.',
  'link.opened': 'The link is good; opening.',
  'link.waiting': 'The service cannot be reached, and the link is not opened yet. It is tried again by itself: leave this page open.',
  'link.used': 'This link was opened before, and each opens once. Ask your administrator for a new one (shapan links renew).',
  'link.expired': 'This link waited for too long. Ask your administrator for a new one (shapan links renew).',
  'link.revoked': 'This link was revoked by an administrator.',
  'link.unknown': 'There is no such link. It may have been copied without its end: copy it again.',
};
