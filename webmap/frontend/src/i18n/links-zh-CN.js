/** 访问链接的语句；links-en.js 的键与此相同。 */
export default {
  'link.none': '大屏和网格员页面用链接打开：请使用管理员发给您的链接。',
  'link.over': '此浏览器用过的链接已经到期或被收回。请向管理员要一个新链接，在这里打开。',
  'link.opened': '链接有效，正在打开。',
  'link.waiting': '暂时连不上服务，链接还没有打开。会自动再试，请不要关闭这个页面。',
  'link.used': '这个链接已经打开过，每个链接只能打开一次。请让管理员换一个新的（shapan links renew）。',
  'link.expired': '这个链接等待太久，已经过期。请让管理员换一个新的（shapan links renew）。',
  'link.revoked': '这个链接已被管理员收回。',
  'link.unknown': '没有这个链接。可能没有复制完整，请再复制一次。',
};
