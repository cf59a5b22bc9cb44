/**
 * 告警: one mark per open alarm, in the document above the map.
 *
 * Marks pulse by CSS, so that a pulsing alarm costs no frame of the map: loud ones with a ring, others by themselves.
 * They follow the camera by projecting each position, its height above ground included.
 */
import { isLoud, isPending, isUrgent, ofOneBuilding, severityOf, typeIcon } from '../alarms/alarm-terms.js';
import { t, term } from '../i18n/index.js';
import { layoutMarks } from '../map/marker-layout.js';

/** Half of a pulse where the processor draws; see alarm-signs.css. */
const BEAT = 600;

export class AlarmMarks {
  #elements = new Map();
  #alarms = [];
  #visible = true;
  #camera = '';

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.container over the map, same origin
   * @param {import('../map/map.js').CityMap} parts.cityMap
   * @param {() => object} parts.ground on which they stand: base/relief.js
   * @param {object} parts.exploded the building taken apart: where its alarms stand, and which are not shown
   * @param {(alarm: object) => void} parts.onSelect
   * @param {(alarms: object[]) => void} parts.onCluster
   */
  constructor({ container, cityMap, ground, exploded, onSelect, onCluster }) {
    Object.assign(this, { container, cityMap, ground, exploded, onSelect, onCluster });
    if (document.documentElement.dataset.webgl === 'software') {
      setInterval(() => this.#alarms.length && container.toggleAttribute('data-beat'), BEAT);
    }
    // After the map has drawn and in the same frame, so that marks never trail behind the picture.
    cityMap.map.on('render', () => this.#follow());
  }

  show(visible) {
    this.#visible = visible;
    this.container.hidden = !visible;
    if (visible) this.#draw();
  }

  update(alarms) {
    this.#alarms = [...alarms].filter(({ lon, lat }) => Number.isFinite(lon) && Number.isFinite(lat));
    if (this.#visible) this.#draw();
  }

  /** The map draws for many reasons; only another camera moves the marks. */
  #follow() {
    const { container } = this.cityMap;
    const camera = `${Object.values(this.cityMap.camera())} ${container.clientWidth} ${container.clientHeight} ${this.ground().version}`;
    if (camera === this.#camera || !this.#visible) return;
    this.#camera = camera;
    this.#draw();
  }

  #draw() {
    const viewport = this.cityMap.viewport();
    const points = this.#alarms.filter((alarm) => !this.exploded.hides(alarm)).map((alarm) => {
      const inRoom = this.exploded.placeOf(alarm);
      const [x, y] = viewport.project(inRoom ?? this.ground().over([alarm.lon, alarm.lat, alarm.z ?? 0]));
      return { alarm, x, y, apart: Boolean(inRoom) };
    });
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const view = { width: viewport.width, height: viewport.height, margin: 3 * rem };
    const marks = layoutMarks(points, view, { near: this.cityMap.isNear(), cell: 4.5 * rem, gap: 2.1 * rem });

    const kept = new Set();
    for (const mark of marks) {
      kept.add(mark.key);
      const element = this.#elements.get(mark.key) ?? this.#create(mark.key);
      this.#fill(element, mark);
      element.style.transform = `translate3d(${mark.x.toFixed(1)}px, ${mark.y.toFixed(1)}px, 0)`;
    }
    for (const [key, element] of this.#elements) {
      if (kept.has(key)) continue;
      element.remove();
      this.#elements.delete(key);
    }
  }

  #create(key) {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = 'alarm-mark';
    element.append(
      Object.assign(document.createElement('span'), { className: 'alarm-mark-ring' }),
      document.createElement('shapan-severity'),
      document.createElement('shapan-icon'),
      Object.assign(document.createElement('span'), { className: 'alarm-mark-count' }),
    );
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      const { mark } = element;
      if (mark.alarms.length > 1) this.onCluster(mark.alarms);
      else this.onSelect(mark.alarm);
    });
    this.container.append(element);
    this.#elements.set(key, element);
    return element;
  }

  #fill(element, mark) {
    element.mark = mark;
    const { alarm, alarms } = mark;
    const severity = severityOf(alarm);
    const pulsing = alarms.some(isPending);
    element.dataset.alarmId = alarm.id;
    element.dataset.state = alarm.state;
    element.dataset.severity = severity;
    element.toggleAttribute('data-urgent', alarms.some(isUrgent));
    element.toggleAttribute('data-loud', isLoud(alarm));
    element.toggleAttribute('data-beside', this.exploded.isOpen && alarm.building_id !== this.exploded.state.id);
    element.classList.toggle('pulsing', pulsing);
    element.classList.toggle('cluster', alarms.length > 1);
    element.style.setProperty('--shift', `${mark.shift}px`);
    element.querySelector('shapan-severity').setAttribute('severity', severity);
    element.querySelector('shapan-icon').setAttribute('name', typeIcon(alarm.type));
    element.querySelector('.alarm-mark-count').textContent = alarms.length > 1 ? String(alarms.length) : '';
    const words = [t(`severity.${severity}`), ...(alarms.length > 1
      ? [ofOneBuilding(alarms) && alarm.building_name, t('alarms.cluster', { count: alarms.length })]
      : [term('type', alarm.type), alarm.building_name, t(`state.${alarm.state}`)])].filter(Boolean).join(' · ');
    element.title = words;
    element.setAttribute('aria-label', words);
  }
}
