/** The map as a panel: MapLibre is loaded with the first plan. What a person does on it becomes an operation. */
import { html } from 'lit';
import { requestJson } from '../api.js';
import { address } from '../config.js';
import { number } from '../format.js';
import { language, t } from '../i18n/index.js';
import { memo } from '../memo.js';
import { Panel } from '../panels/panel.js';
import { afterOperation, boxOf, loadOf, offers, rangeOf, triedOf } from './plan-terms.js';

/** Pixels of a rem on a screen of 1080 lines. */
const REM = 15;

class PlanMapPanel extends Panel {
  static topics = ['plan', 'ground', 'work', 'replay', 'comparison', 'tab', 'planner', 'drafting'];

  static properties = { state: { state: true } };

  #view = null;

  #over = null;

  #pointed = null;

  /** The same map while the numbers are: MapLibre is told nothing anew. */
  #loads = memo((features, range) => new Map(features.map(({ id, properties }) => [id, loadOf(properties, range)])));

  #range = memo((profiles, plan) => rangeOf(profiles, plan));

  #drafted = memo((plan, answer) => afterOperation(plan, answer).faces.features);

  constructor() {
    super();
    this.state = 'loading';
  }

  render() {
    return html`<div class="map-box" data-testid="plan-map" data-state=${this.state} role="application" aria-label=${t('planner.map')}></div>
      ${this.state === 'failed' ? html`<p class="panel map-note" role="alert">${t('planner.map.failed')}</p>` : ''}
      <div class="panel map-legend plan-legend">${['low', 'right', 'high', 'none'].map((load) => html`<span data-load=${load}><i></i>${t(`planner.load.${load}`, this.#limits())}</span>`)}</div>`;
  }

  #limits() {
    const { planner, plan } = this.store.state;
    return rangeOf(planner.profiles, plan);
  }

  async firstUpdated() {
    try {
      const { urls, style } = this.config;
      const [{ PlanMap }, base] = await Promise.all([import('./plan-map.js'), requestJson(address(urls.style, { style }))]);
      if (!this.isConnected) return;
      const { actions } = this;
      this.#view = new PlanMap({
        container: this.querySelector('.map-box'), style: base, lang: language(),
        scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / REM,
        on: {
          face: (id, more) => actions.choose(id, more),
          building: (id) => actions.chooseBuilding(id),
          drawn: (tool, geometry) => actions.operate(tool === 'split' ? this.#split(geometry) : { kind: 'create', polygon: geometry }),
          corner: (at, to) => actions.operate({ kind: 'move_vertex', at, to }),
          edge: (a, b, toA, toB) => actions.operate({ kind: 'move_edge', a, b, to_a: toA, to_b: toB }),
          road: (line) => this.#straighten(line),
          nothing: () => actions.refuse('no-road'),
          idle: () => { this.state = 'ready'; },
        },
      });
      this.actions.project = (lon, lat) => this.#view.project(lon, lat);
      this.#draw();
    } catch (error) {
      console.warn('The map is not shown.', error);
      this.state = 'failed';
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#view?.remove();
    this.#view = null;
  }

  updated() {
    this.#draw();
  }

  #split(line) {
    const { chosen } = this.store.state.work;
    return chosen.length ? { kind: 'split', line, faces: chosen } : { kind: 'split', line };
  }

  #straighten(line) {
    const { chosen } = this.store.state.work;
    if (chosen.length === 2) this.actions.operate({ kind: 'straighten', faces: chosen, line });
    else this.actions.refuse('two-faces');
  }

  #draw() {
    const { plan, ground, work, replay, comparison, tab, planner, drafting } = this.store.state;
    if (this.#view === null || plan === null) return;
    const { shown } = triedOf(drafting, plan);
    // A draft that is tried stands on the map as if it were the plan.
    const features = replay ? replay.faces.features : shown ? this.#drafted(plan, shown.answer) : plan.faces.features;
    const range = this.#range(planner.profiles, plan);
    const may = offers(plan, []).draw;
    this.#view.show({
      faces: features, loads: this.#loads(features, range), chosen: work.chosen, outline: plan.outline, buildings: ground?.buildings ?? null,
      roads: ground?.roads ?? null, picked: work.buildings, tool: may && !replay ? work.tool : 'select', community: plan.community.code,
      preview: work.stale?.changed ?? work.preview?.answer.faces.features ?? null,
      trouble: work.refusal?.geometry ?? (tab === 'violations' ? work.pointed?.geometry : null) ?? null,
      moved: tab === 'comparison' ? comparison?.answer?.ground.features ?? null : null,
      told: ({ households }) => t('planner.count.households', { count: number(households) }), lang: language(),
    });
    if (this.#over !== plan.id) {
      this.#over = plan.id;
      this.#view.fit(boxOf(plan.outline), { quick: true });
    }
    if (work.pointed !== this.#pointed) {
      this.#pointed = work.pointed;
      const box = boxOf(work.pointed?.geometry);
      if (box) this.#view.fit(box);
    }
  }
}
customElements.define('shapan-plan-map', PlanMapPanel);
