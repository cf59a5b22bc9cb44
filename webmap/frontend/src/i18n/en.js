/** Every sentence of the screens in English. zh-CN.js holds the same keys; a test compares the two. */
import accessLinks from './access-links-en.js';
import assessment from './assessment-en.js';
import catalogue from './catalogue-en.js';
import conflicts from './conflicts-en.js';
import data from './data-en.js';
import device from './device-en.js';
import events from './events-en.js';
import exploded from './exploded-en.js';
import grids from './grids-en.js';
import handling from './handling-en.js';
import handover from './handover-en.js';
import household from './household-en.js';
import keepers from './keepers-en.js';
import layers from './layers-en.js';
import links from './links-en.js';
import metrics from './metrics-en.js';
import past from './past-en.js';
import planner from './planner-en.js';
import rates from './rates-en.js';
import search from './search-en.js';
import survey from './survey-en.js';
import tools from './tools-en.js';
import tours from './tours-en.js';
import wall from './wall-en.js';
import warning from './warning-en.js';
import worklist from './worklist-en.js';

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
  'app.name': 'Shapan',
  'app.place': 'Street command centre',
  'app.title': 'Shapan · Street command centre',
  'language.switch': '中文',
  'language.switch.hint': '切换到中文',

  'counts.buildings': 'Buildings',
  'counts.residents': 'Residents',
  'counts.alarms': 'Open alarms',

  'connection.live': 'Live',
  'connection.connecting': 'Connecting',
  'connection.stale': 'Stale for {age}',
  'connection.hint.live': 'Live data is arriving',
  'connection.hint.connecting': 'Connecting to live data',
  'connection.hint.stale': 'The live connection is lost. The picture shows the last data received. Reconnecting.',

  'legend.unit': '({unit})',
  'legend.cells': 'A square is about {side} wide. Zoom in for single buildings.',
  'legend.cells.range': 'Squares are about {from} to {to} wide, larger in the distance. Zoom in for single buildings.',
  'legend.hidden': '{count} more are not drawn at this scale. Zoom in to see them.',
  'legend.none': 'No data',



  'alarms.title': 'Alarms',
  'alarms.empty': 'No open alarm',
  'alarms.empty.hint': 'A new alarm appears here and on the map at once.',
  'alarms.loading': 'Reading alarms',
  'alarms.more': '{count} more are not listed. Filter by severity to narrow the list.',
  'alarms.acknowledge.hint': 'Acknowledge this alarm: it stops pulsing on the map',
  'alarms.repeats': 'repeated {count}×',
  'alarms.filter': 'Show {severity} only',
  'alarms.cluster': '{count} alarms, click to zoom in',
  'alarms.dropped': '{count} more alarms, none more urgent, come to this page as these are handled.',
  'alarms.pending': '{count} unacknowledged',
  'alarms.noplace': 'No known place',

  'severity.critical': 'Critical',
  'severity.major': 'Major',
  'severity.minor': 'Minor',
  'severity.warning': 'Warning',
  'severity.info': 'Info',

  'state.active_unack': 'Unacknowledged',
  'state.active_ack': 'Acknowledged',
  'state.cleared_unack': 'Cleared · unacknowledged',
  'state.cleared_ack': 'Cleared',
  'state.closed': 'Closed',

  'type.elevator_trapped': 'People trapped in lift',
  'type.elevator_fault': 'Lift fault',
  'type.smoke': 'Smoke detected',
  'type.gas': 'Gas leak',
  'type.fire_door': 'Fire door fault',
  'type.camera_offline': 'Camera offline',
  'type.manhole_open': 'Manhole open',
  'type.manhole_moved': 'Manhole moved',
  'type.water_leak': 'Water leak',
  'type.water_pressure': 'Water pressure abnormal',
  'type.door_forced': 'Door forced open',
  'type.device_offline': 'Device offline',
  'type.battery_low': 'Battery low',
  'type.temperature': 'Temperature too high',

  'device.camera': 'Camera',
  'device.elevator': 'Lift',
  'device.smoke': 'Smoke detector',
  'device.gas': 'Gas detector',
  'device.water_meter': 'Water meter',
  'device.access_control': 'Access control',
  'device.manhole': 'Manhole cover',

  'card.loading': 'Reading the building',
  'card.close': 'Close',
  'card.print': 'Print this card',
  'card.missing': 'This building is no longer on record',
  'card.missing.hint': 'It may just have been deleted or imported again. Close the card and click the map once more.',
  'card.failed': 'The building could not be read',
  'card.retry': 'Retry',
  'card.address': 'Address',
  'card.address.none': 'Not on record',
  'card.grid': 'Grid',
  'card.area': 'Community',
  'card.outside': 'Outside every grid',
  'card.keeper': 'Grid keeper',
  'card.keeper.none': 'None assigned',
  'card.floors': 'Floors',
  'card.floors.value': '{above} above',
  'card.floors.below': '{below} below',
  'card.height': 'Height',
  'card.built': 'Built',
  'card.built.value': '{year}',
  'card.units': 'Units',
  'card.rooms': 'Rooms',
  'card.households': 'Households',
  'card.residents': 'Residents',
  'card.registration': 'Population',
  'card.registration.registered': 'Registered',
  'card.registration.floating': 'Floating',
  'card.registration.overseas': 'Overseas',
  'card.care': 'In need of care',
  'card.care.none': 'None on record',
  'card.care.hidden': 'Not shown to this role',
  'card.alarms': 'Alarms in this building',
  'card.people': '{count}',
  'card.fly': 'Fly to this building',

  'cell.kind': 'Buildings in a square',
  'cell.size': '{side} × {side}',
  'cell.buildings': 'Buildings',
  'cell.residents': 'Residents',
  'cell.height': 'Mean height',
  'cell.floors': 'Mean storeys',
  'cell.near': 'Zoom in to the buildings',

  'care.elderly_alone': 'Elderly, alone',
  'care.disabled': 'Disabled',
  'care.low_income': 'Low income',
  'care.chronic': 'Chronic illness',
  'care.minor_unattended': 'Child without guardian',
  'care.pregnant': 'Pregnant or post-natal',

  'use.residential': 'Residential',
  'use.commercial': 'Commercial',
  'use.office': 'Office',
  'use.school': 'School',
  'use.hospital': 'Hospital',
  'use.market': 'Market',
  'use.industrial': 'Industrial',
  'use.public': 'Public service',
  'use.other': 'Other',

  'map.zoom.in': 'Zoom in',
  'map.zoom.out': 'Zoom out',
  'map.north': 'North up',
  'map.tilt': 'Switch between top view and 3D',
  'map.home': 'Whole city',
  'map.style.day': 'Switch to the day style',
  'map.style.night': 'Switch to the night style',
  'map.canvas': '3D map',

  'scene.loading': 'Loading the city',
  'scene.failed': 'The city could not be loaded',
  'scene.retry': 'Load again',
  'scene.empty': 'No building on record yet',
  'scene.empty.hint': 'The city is here once its buildings are imported. Run this command on the server, or upload a file on the data page, then reload this page.',
  'scene.empty.upload': 'Upload on the data page',
  'tiles.failed': '{count} map tiles could not be loaded; the picture is incomplete.',
  'tiles.retry': 'Load again',
  'context.lost': 'The graphics card stopped drawing; recovering. If it does not come back, reload this page.',

  'nowebgl.title': 'This computer cannot show the 3D map',
  'nowebgl.detail': 'The browser offers no WebGL 2. Alarms are as live as ever and can be handled: open one in the list for its dossier and its steps.',
  'nowebgl.cure': 'Turn on hardware acceleration in the browser settings, update the graphics driver, or use a recent Chrome, Edge or Firefox.',

  'place.unit': 'unit {unit}',
  'place.floor': 'floor {floor}',
  'place.basement': 'basement {floor}',
  'place.room': 'room {room}',

  'unit.metres': '{value} m',
  'unit.kilometres': '{value} km',
  'time.now': 'just now',
  'time.seconds': '{count} s',
  'time.seconds.ago': '{count} s ago',
  'time.minutes': '{count} min',
  'time.minutes.ago': '{count} min ago',
  'time.hours': '{count} h',
  'time.hours.ago': '{count} h ago',
  'time.days': '{count} d',
  'time.days.ago': '{count} d ago',

  'error.network': 'The server cannot be reached',
  'error.network.cure': 'Check the network and retry; if that does not help, call the administrator of this system.',
  'error.timeout': 'The server did not answer within {seconds} s',
  'error.timeout.cure': 'Retry in a moment; if it persists, look at the service log.',
  'error.unreadable': 'The answer of the server makes no sense ({status})',
  'error.unreadable.cure': 'A proxy in between may be answering with its own page. Retry in a moment.',
  'error.scene': 'The scene description could not be converted: {detail}',
  'error.scene.cure': 'Page and service may be of different versions; reload this page.',
};
