/** 检索的语句；search-en.js 的键与此相同。 */
export default {
  'search.label': '检索：名称、地址、编码或拼音首字母',
  'search.placeholder': '名称、地址、编码、拼音首字母',
  'search.results': '检索结果',
  'search.short': '请输入至少两个字符。',
  'search.waiting': '正在检索……',
  'search.nothing': '没有找到“{text}”。',
  'search.nothing.hint': '可按名称、地址、编码或拼音首字母检索；不检索居民。',
  'search.retry': '重试',
  'search.kind.area': '区划',
  'search.kind.grid': '网格',
  'search.kind.building': '楼栋',
  'search.kind.organisation': '组织',
  'search.kind.facility': '部件',
  'search.kind.device': '设备',
  'search.kind.place': '地名',
  'search.kind.keeper': '网格员',
};
