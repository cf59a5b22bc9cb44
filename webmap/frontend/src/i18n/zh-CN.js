/** Every sentence of the screens in Chinese. en.js holds the same keys; a test compares the two. */
import accessLinks from './access-links-zh-CN.js';
import assessment from './assessment-zh-CN.js';
import catalogue from './catalogue-zh-CN.js';
import conflicts from './conflicts-zh-CN.js';
import data from './data-zh-CN.js';
import device from './device-zh-CN.js';
import events from './events-zh-CN.js';
import exploded from './exploded-zh-CN.js';
import grids from './grids-zh-CN.js';
import handling from './handling-zh-CN.js';
import handover from './handover-zh-CN.js';
import household from './household-zh-CN.js';
import keepers from './keepers-zh-CN.js';
import layers from './layers-zh-CN.js';
import links from './links-zh-CN.js';
import metrics from './metrics-zh-CN.js';
import past from './past-zh-CN.js';
import planner from './planner-zh-CN.js';
import rates from './rates-zh-CN.js';
import search from './search-zh-CN.js';
import survey from './survey-zh-CN.js';
import tools from './tools-zh-CN.js';
import tours from './tours-zh-CN.js';
import wall from './wall-zh-CN.js';
import warning from './warning-zh-CN.js';
import worklist from './worklist-zh-CN.js';

export default {
  ...accessLinks,
  ...assessment,
  ...catalogue,
  ...conflicts,
  ...data,
  ...device,
  ...events,
  ...exploded,
  ...grids,
  ...handling,
  ...handover,
  ...household,
  ...keepers,
  ...layers,
  ...links,
  ...metrics,
  ...past,
  ...planner,
  ...rates,
  ...search,
  ...survey,
  ...tools,
  ...tours,
  ...wall,
  ...warning,
  ...worklist,
  'app.name': '数字沙盘',
  'app.place': '街道指挥中心',
  'app.title': '数字沙盘 · 街道指挥中心',
  'language.switch': 'English',
  'language.switch.hint': 'Switch to English',

  'counts.buildings': '楼栋',
  'counts.residents': '居民',
  'counts.alarms': '未关闭告警',

  'connection.live': '实时',
  'connection.connecting': '连接中',
  'connection.stale': '数据已停更 {age}',
  'connection.hint.live': '实时数据正在到达',
  'connection.hint.connecting': '正在连接实时数据',
  'connection.hint.stale': '实时连接已中断，画面停留在最后一次收到的数据。正在自动重连。',

  'legend.unit': '({unit})',
  'legend.cells': '每格边长约 {side}。放大后显示单栋建筑。',
  'legend.cells.range': '每格边长约 {from} 至 {to}，远处较大。放大后显示单栋建筑。',
  'legend.hidden': '另有 {count} 栋在此比例下未画出，放大可见。',
  'legend.none': '无数据',



  'alarms.title': '告警',
  'alarms.empty': '没有未关闭的告警',
  'alarms.empty.hint': '新的告警会立即出现在这里和地图上。',
  'alarms.loading': '正在读取告警',
  'alarms.more': '另有 {count} 条未列出。按级别筛选可缩小范围。',
  'alarms.acknowledge.hint': '确认这条告警：地图上停止闪烁',
  'alarms.repeats': '重复 {count} 次',
  'alarms.filter': '只看{severity}',
  'alarms.cluster': '{count} 条告警，点击放大',
  'alarms.dropped': '另有 {count} 条紧急程度不高于以上的告警，处置后自动载入。',
  'alarms.pending': '{count} 条未确认',
  'alarms.noplace': '未落位',

  'severity.critical': '紧急',
  'severity.major': '重要',
  'severity.minor': '次要',
  'severity.warning': '警告',
  'severity.info': '提示',

  'state.active_unack': '未确认',
  'state.active_ack': '已确认',
  'state.cleared_unack': '已恢复 · 未确认',
  'state.cleared_ack': '已恢复',
  'state.closed': '已关闭',

  'type.elevator_trapped': '电梯困人',
  'type.elevator_fault': '电梯故障',
  'type.smoke': '烟感报警',
  'type.gas': '燃气泄漏',
  'type.fire_door': '消防门异常',
  'type.camera_offline': '摄像机离线',
  'type.manhole_open': '井盖开启',
  'type.manhole_moved': '井盖移位',
  'type.water_leak': '漏水',
  'type.water_pressure': '水压异常',
  'type.door_forced': '门禁强行开启',
  'type.device_offline': '设备离线',
  'type.battery_low': '电量不足',
  'type.temperature': '温度过高',

  'device.camera': '摄像机',
  'device.elevator': '电梯',
  'device.smoke': '烟感',
  'device.gas': '燃气探测器',
  'device.water_meter': '水表',
  'device.access_control': '门禁',
  'device.manhole': '井盖',

  'card.loading': '正在读取楼栋',
  'card.close': '关闭',
  'card.print': '打印这张卡片',
  'card.missing': '这栋楼已不在库中',
  'card.missing.hint': '它可能刚被删除或重新导入。关闭卡片后再点一次地图。',
  'card.failed': '楼栋没有读到',
  'card.retry': '重试',
  'card.address': '地址',
  'card.address.none': '未登记',
  'card.grid': '网格',
  'card.area': '社区',
  'card.outside': '未落位（不在任何网格内）',
  'card.keeper': '网格员',
  'card.keeper.none': '未指派',
  'card.floors': '层数',
  'card.floors.value': '地上 {above}',
  'card.floors.below': '地下 {below}',
  'card.height': '高度',
  'card.built': '建成',
  'card.built.value': '{year} 年',
  'card.units': '单元',
  'card.rooms': '房屋',
  'card.households': '户',
  'card.residents': '居民',
  'card.registration': '人口构成',
  'card.registration.registered': '户籍',
  'card.registration.floating': '流动',
  'card.registration.overseas': '境外',
  'card.care': '重点关注',
  'card.care.none': '无登记',
  'card.care.hidden': '当前身份不显示',
  'card.alarms': '本楼告警',
  'card.people': '{count} 人',
  'card.fly': '飞到这栋楼',

  'cell.kind': '楼栋汇总',
  'cell.size': '{side} × {side}',
  'cell.buildings': '楼栋',
  'cell.residents': '居民',
  'cell.height': '平均高度',
  'cell.floors': '平均层数',
  'cell.near': '放大到单栋建筑',

  'care.elderly_alone': '独居老人',
  'care.disabled': '残疾人',
  'care.low_income': '低保',
  'care.chronic': '慢性病',
  'care.minor_unattended': '留守儿童',
  'care.pregnant': '孕产妇',

  'use.residential': '住宅',
  'use.commercial': '商业',
  'use.office': '办公',
  'use.school': '学校',
  'use.hospital': '医院',
  'use.market': '市场',
  'use.industrial': '工业',
  'use.public': '公共服务',
  'use.other': '其他',

  'map.zoom.in': '放大',
  'map.zoom.out': '缩小',
  'map.north': '回正北',
  'map.tilt': '切换俯视与立体',
  'map.home': '全城视角',
  'map.style.day': '换成白天配色',
  'map.style.night': '换成夜间配色',
  'map.canvas': '三维地图',

  'scene.loading': '正在载入城市',
  'scene.failed': '城市没有载入',
  'scene.retry': '重新载入',
  'scene.empty': '库中还没有楼栋',
  'scene.empty.hint': '导入楼栋后，城市就在这里。在服务器上运行以下命令，或在数据页上传文件，然后刷新本页。',
  'scene.empty.upload': '到数据页上传',
  'tiles.failed': '{count} 块地图没有载入，画面不完整。',
  'tiles.retry': '重新载入',
  'context.lost': '显卡中断了绘制，正在恢复。若一直不恢复，请刷新本页。',

  'nowebgl.title': '这台电脑不能显示三维地图',
  'nowebgl.detail': '浏览器没有提供 WebGL 2。告警仍实时更新，也能照常处置：点开列表中的一条，即见档案与步骤。',
  'nowebgl.cure': '请在浏览器设置中打开“硬件加速”，更新显卡驱动，或换用新版 Chrome、Edge、Firefox。',

  'place.unit': '{unit}单元',
  'place.floor': '{floor}层',
  'place.basement': '地下{floor}层',
  'place.room': '{room}室',

  'unit.metres': '{value} 米',
  'unit.kilometres': '{value} 公里',
  'time.now': '刚刚',
  'time.seconds': '{count} 秒',
  'time.seconds.ago': '{count} 秒前',
  'time.minutes': '{count} 分钟',
  'time.minutes.ago': '{count} 分钟前',
  'time.hours': '{count} 小时',
  'time.hours.ago': '{count} 小时前',
  'time.days': '{count} 天',
  'time.days.ago': '{count} 天前',

  'error.network': '连不上服务器',
  'error.network.cure': '请检查网络后重试；仍连不上，请联系系统管理员。',
  'error.timeout': '服务器在 {seconds} 秒内没有回答',
  'error.timeout.cure': '稍后重试；若持续如此，请查看服务日志。',
  'error.unreadable': '服务器的回答读不懂（{status}）',
  'error.unreadable.cure': '中间的代理可能正在返回自己的页面。稍后重试。',
  'error.scene': '场景描述无法转换：{detail}',
  'error.scene.cure': '页面与服务的版本可能不一致，请刷新本页。',
};
