/** Icons of the screens, from the lucide set; the build puts their SVG text into the script. */
import alarm from 'lucide-static/icons/siren.svg';
import battery from 'lucide-static/icons/battery-low.svg';
import apart from 'lucide-static/icons/unfold-vertical.svg';
import building from 'lucide-static/icons/building-2.svg';
import cameraOff from 'lucide-static/icons/video-off.svg';
import check from 'lucide-static/icons/check.svg';
import chevron from 'lucide-static/icons/chevron-down.svg';
import collapse from 'lucide-static/icons/fold-vertical.svg';
import close from 'lucide-static/icons/x.svg';
import commercial from 'lucide-static/icons/store.svg';
import compass from 'lucide-static/icons/navigation.svg';
import crosshair from 'lucide-static/icons/crosshair.svg';
import day from 'lucide-static/icons/sun.svg';
import deviceOff from 'lucide-static/icons/wifi-off.svg';
import pencil from 'lucide-static/icons/pencil.svg';
import screen from 'lucide-static/icons/monitor.svg';
import door from 'lucide-static/icons/door-open.svg';
import empty from 'lucide-static/icons/circle-check.svg';
import error from 'lucide-static/icons/circle-alert.svg';
import gas from 'lucide-static/icons/wind.svg';
import grid from 'lucide-static/icons/grid-3x3.svg';
import globe from 'lucide-static/icons/globe.svg';
import land from 'lucide-static/icons/land-plot.svg';
import relief from 'lucide-static/icons/mountain-snow.svg';
import road from 'lucide-static/icons/route.svg';
import satellite from 'lucide-static/icons/satellite.svg';
import height from 'lucide-static/icons/ruler.svg';
import home from 'lucide-static/icons/maximize.svg';
import hospital from 'lucide-static/icons/hospital.svg';
import image from 'lucide-static/icons/image-down.svg';
import industrial from 'lucide-static/icons/factory.svg';
import list from 'lucide-static/icons/list.svg';
import insert from 'lucide-static/icons/list-plus.svg';
import keeper from 'lucide-static/icons/user-round-check.svg';
import label from 'lucide-static/icons/tag.svg';
import language from 'lucide-static/icons/languages.svg';
import layers from 'lucide-static/icons/layers.svg';
import lift from 'lucide-static/icons/arrow-up-down.svg';
import manhole from 'lucide-static/icons/circle-dot.svg';
import minus from 'lucide-static/icons/minus.svg';
import night from 'lucide-static/icons/moon.svg';
import office from 'lucide-static/icons/briefcase.svg';
import phone from 'lucide-static/icons/phone.svg';
import photo from 'lucide-static/icons/camera.svg';
import pin from 'lucide-static/icons/map-pin.svg';
import plus from 'lucide-static/icons/plus.svg';
import publicService from 'lucide-static/icons/landmark.svg';
import residential from 'lucide-static/icons/house.svg';
import school from 'lucide-static/icons/graduation-cap.svg';
import smoke from 'lucide-static/icons/flame.svg';
import tilt from 'lucide-static/icons/box.svg';
import use from 'lucide-static/icons/shapes.svg';
import heat from 'lucide-static/icons/activity.svg';
import area from 'lucide-static/icons/vector-square.svg';
import ban from 'lucide-static/icons/ban.svg';
import back from 'lucide-static/icons/chevron-left.svg';
import clock from 'lucide-static/icons/clock.svg';
import copy from 'lucide-static/icons/copy.svg';
import data from 'lucide-static/icons/database.svg';
import download from 'lucide-static/icons/download.svg';
import eye from 'lucide-static/icons/eye.svg';
import eyeOff from 'lucide-static/icons/eye-off.svg';
import file from 'lucide-static/icons/file.svg';
import play from 'lucide-static/icons/play.svg';
import partial from 'lucide-static/icons/triangle-alert.svg';
import running from 'lucide-static/icons/loader.svg';
import trial from 'lucide-static/icons/flask-conical.svg';
import upload from 'lucide-static/icons/cloud-upload.svg';
import filter from 'lucide-static/icons/list-filter.svg';
import forward from 'lucide-static/icons/chevron-right.svg';
import history from 'lucide-static/icons/history.svg';
import pause from 'lucide-static/icons/pause.svg';
import compare from 'lucide-static/icons/arrow-left-right.svg';
import now from 'lucide-static/icons/radio.svg';
import users from 'lucide-static/icons/users.svg';
import camera from 'lucide-static/icons/cctv.svg';
import closed from 'lucide-static/icons/archive.svg';
import comment from 'lucide-static/icons/message-square.svg';
import biohazard from 'lucide-static/icons/biohazard.svg';
import advice from 'lucide-static/icons/list-checks.svg';
import arrowDown from 'lucide-static/icons/arrow-down.svg';
import direction from 'lucide-static/icons/arrow-up.svg';
import flood from 'lucide-static/icons/waves.svg';
import giveBack from 'lucide-static/icons/undo-2.svg';
import handover from 'lucide-static/icons/clipboard-check.svg';
import print from 'lucide-static/icons/printer.svg';
import replay from 'lucide-static/icons/history.svg';
import hazard from 'lucide-static/icons/shield-alert.svg';
import hexagon from 'lucide-static/icons/hexagon.svg';
import idCard from 'lucide-static/icons/id-card.svg';
import key from 'lucide-static/icons/key-round.svg';
import health from 'lucide-static/icons/heart-pulse.svg';
import hydrant from 'lucide-static/icons/fire-extinguisher.svg';
import lines from 'lucide-static/icons/waypoints.svg';
import leaf from 'lucide-static/icons/leaf.svg';
import mountain from 'lucide-static/icons/mountain.svg';
import next from 'lucide-static/icons/arrow-right.svg';
import pending from 'lucide-static/icons/circle.svg';
import person from 'lucide-static/icons/user-round.svg';
import search from 'lucide-static/icons/search.svg';
import rescue from 'lucide-static/icons/life-buoy.svg';
import shelter from 'lucide-static/icons/tent-tree.svg';
import shelve from 'lucide-static/icons/bell-off.svg';
import shield from 'lucide-static/icons/shield.svg';
import storm from 'lucide-static/icons/cloud-lightning.svg';
import traffic from 'lucide-static/icons/traffic-cone.svg';
import unshelve from 'lucide-static/icons/bell.svg';
import utility from 'lucide-static/icons/utility-pole.svg';
import water from 'lucide-static/icons/droplets.svg';
import gauge from 'lucide-static/icons/gauge.svg';
import plug from 'lucide-static/icons/plug.svg';
import steps from 'lucide-static/icons/footprints.svg';
import worklist from 'lucide-static/icons/clipboard-list.svg';
import bin from 'lucide-static/icons/trash-2.svg';
import bus from 'lucide-static/icons/bus.svg';
import facility from 'lucide-static/icons/box.svg';
import fence from 'lucide-static/icons/fence.svg';
import lamp from 'lucide-static/icons/lightbulb.svg';
import power from 'lucide-static/icons/zap.svg';
import retry from 'lucide-static/icons/refresh-cw.svg';
import sensor from 'lucide-static/icons/radio.svg';
import stop from 'lucide-static/icons/square.svg';
import toilet from 'lucide-static/icons/toilet.svg';
import tree from 'lucide-static/icons/tree-deciduous.svg';
import corner from 'lucide-static/icons/vector-square.svg';
import edge from 'lucide-static/icons/spline.svg';
import merge from 'lucide-static/icons/combine.svg';
import pointer from 'lucide-static/icons/mouse-pointer-2.svg';
import polygon from 'lucide-static/icons/pentagon.svg';
import redo from 'lucide-static/icons/redo-2.svg';
import split from 'lucide-static/icons/slice.svg';
import scale from 'lucide-static/icons/scale.svg';
import wand from 'lucide-static/icons/wand-sparkles.svg';
import warmth from 'lucide-static/icons/thermometer.svg';

const SOURCES = {
  corner,
  edge,
  merge,
  pointer,
  polygon,
  redo,
  scale,
  split,
  advice,
  alarm,
  apart,
  area,
  back,
  ban,
  battery,
  bin,
  biohazard,
  building,
  globe,
  land,
  relief,
  road,
  satellite,
  bus,
  camera,
  'camera-off': cameraOff,
  check,
  chevron,
  clock,
  close,
  closed,
  collapse,
  comment,
  commercial,
  compare,
  compass,
  copy,
  crosshair,
  data,
  day,
  'device-off': deviceOff,
  direction,
  door,
  screen,
  pencil,
  down: arrowDown,
  download,
  empty,
  error,
  eye,
  'eye-off': eyeOff,
  facility,
  fence,
  file,
  filter,
  flood,
  floors: layers,
  forward,
  gas,
  gauge,
  'give-back': giveBack,
  grid,
  handover,
  hazard,
  health,
  heat,
  height,
  hexagon,
  history,
  home,
  hospital,
  hydrant,
  id: idCard,
  image,
  industrial,
  insert,
  keeper,
  key,
  label,
  lamp,
  language,
  leaf,
  lift,
  lines,
  list,
  manhole,
  market: commercial,
  minus,
  mountain,
  next,
  night,
  now,
  office,
  other: building,
  partial,
  pause,
  pending,
  person,
  phone,
  photo,
  pin,
  play,
  plug,
  plus,
  power,
  print,
  public: publicService,
  replay,
  rescue,
  residential,
  retry,
  running,
  school,
  search,
  sensor,
  shelter,
  shelve,
  shield,
  smoke,
  steps,
  stop,
  storm,
  tilt,
  toilet,
  traffic,
  tree,
  trial,
  unshelve,
  up: direction,
  upload,
  use,
  users,
  utility,
  wand,
  warmth,
  water,
  worklist,
};

const parsed = new Map();

/** The picture of a name as an SVG element of its own. */
export function svg(name) {
  if (!parsed.has(name)) {
    const source = SOURCES[name] ?? SOURCES.alarm;
    const root = new DOMParser().parseFromString(source, 'image/svg+xml').documentElement;
    root.setAttribute('aria-hidden', 'true');
    parsed.set(name, root);
  }
  return document.importNode(parsed.get(name), true);
}

/**
 * An element whose one attribute decides the picture inside it. It draws once it is in the page and not while Lit
 * copies its template: Lit counts the nodes of the copy to find its own places in it.
 */
class Picture extends HTMLElement {
  connectedCallback() {
    this.draw();
  }

  attributeChangedCallback(_, before, after) {
    if (this.isConnected && before !== after) this.draw();
  }
}

/** `<shapan-icon name="phone">`: decoration; the control around it carries the words. */
class Icon extends Picture {
  static observedAttributes = ['name'];

  draw() {
    this.replaceChildren(svg(this.getAttribute('name')));
  }
}
customElements.define('shapan-icon', Icon);

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines in a 24 × 24 box: a severity is told by its shape before its colour. */
export const SHAPES = {
  critical: 'M8.1 1.5h7.8l6.6 6.6v7.8l-6.6 6.6H8.1l-6.6-6.6V8.1z',
  major: 'M12 1.6a1.6 1.6 0 0 1 1.4.8l9.2 16.6a1.6 1.6 0 0 1-1.4 2.4H2.8a1.6 1.6 0 0 1-1.4-2.4L10.6 2.4A1.6 1.6 0 0 1 12 1.6z',
  minor: 'M12 .9 23.1 12 12 23.1.9 12z',
  warning: 'M4.5 2.2h15a2.3 2.3 0 0 1 2.3 2.3v15a2.3 2.3 0 0 1-2.3 2.3h-15a2.3 2.3 0 0 1-2.3-2.3v-15a2.3 2.3 0 0 1 2.3-2.3z',
  info: 'M12 1.8a10.2 10.2 0 1 0 0 20.4 10.2 10.2 0 0 0 0-20.4z',
};

/** `<shapan-severity severity="major">`: the shape of a severity in its colour. */
class Severity extends Picture {
  static observedAttributes = ['severity'];

  draw() {
    const root = document.createElementNS(SVG, 'svg');
    root.setAttribute('viewBox', '0 0 24 24');
    root.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', SHAPES[this.getAttribute('severity')] ?? SHAPES.info);
    root.append(path);
    this.replaceChildren(root);
  }
}
customElements.define('shapan-severity', Severity);
