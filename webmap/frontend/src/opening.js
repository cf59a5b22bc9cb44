/**
 * What stands open beside the map: one thing at a time, and what belongs to it behind it. Opening one closes the others; what
 * has a place may be flown to.
 */
import { boundsOf, boundsWithin } from './warnings/warning-terms.js';

export class Opening {
  /**
   * @param {object} parts
   * @param {import('./store.js').Store} parts.store
   * @param {import('./sandbox.js').Sandbox} parts.page whose parts they are
   */
  constructor({ store, page }) {
    Object.assign(this, { store, page });
  }

  /** Close all that stands open beside the map. */
  closeCard() {
    this.page.exploded.collapse();
    this.page.parts.tell('close');
  }

  /** What a search has found, where the page has more to say about it. */
  openFound({ kind, id, code }) {
    const { city, grids, keepers, thing, config: { urls } } = this.page;
    this.closeCard();
    if (kind === 'building') city.card.open(id);
    else if (kind === 'grid') grids.open(code);
    else if (kind === 'keeper' && urls.keepers) keepers.open(code);
    else if (kind === 'device' || kind === 'facility') thing.open(kind, code);
  }

  /** The card of a building, in front of its rooms. */
  openBuilding(id) {
    this.page.parts.tellOthers([this.page.city, this.page.desk], 'close');
    this.page.city.card.open(id);
  }

  /** The household of a room; the card or the dossier that it was opened from stays behind it. */
  openHousehold(roomId) {
    const { household, city, desk, exploded, grids } = this.page;
    const behind = this.store.state.grid.tab === 'building' ? [grids] : [];
    this.page.parts.tellOthers([household, city, desk, exploded, ...behind], 'close');
    return this.page.household.open(roomId);
  }

  /**
   * Its dossier, behind it the card of its building, and the building taken apart where the alarm says where in it.
   * @returns {boolean} whether the camera goes there by itself
   */
  selectAlarm(alarm) {
    const here = alarm.building_id === this.page.exploded.state.id;
    this.page.parts.tellOthers([this.page.desk, this.page.city, ...(here ? [this.page.exploded] : [])], 'close');
    // What can be done with an alarm is done now: of the past there is its place alone.
    if (this.store.state.past.on) {
      this.page.desk.close();
      this.page.past.select(alarm.id);
    }
    else this.page.desk.open(alarm.id);
    if (!alarm.building_id) this.page.city.close();
    else if (this.store.state.card.id !== alarm.building_id) this.page.city.card.open(alarm.building_id);
    return !this.store.state.past.on && this.page.exploded.follow(alarm);
  }

  flyToAlarm(alarm) {
    if (!this.selectAlarm(alarm) && Number.isFinite(alarm.lon)) this.flyTo(alarm);
  }

  /** The card of a device or facility, where it is clicked. */
  openThing(what, code) {
    this.page.parts.tellOthers([this.page.thing], 'close');
    this.page.thing.open(what, code);
  }

  /** The card of a device or facility, and where it is. `beside` the dossier that names it, where one is open. */
  async goToThing(what, code, { beside = false } = {}) {
    this.page.parts.tellOthers(beside ? [this.page.thing, this.page.desk, this.page.city, this.page.exploded] : [this.page.thing], 'close');
    if (beside) this.page.desk.dossier.showTab('device');
    await this.page.thing.open(what, code);
    const { card, id } = this.store.state.device;
    if (card && id === code) this.flyTo(card);
  }

  /** Close the card of a device or facility: back to the dossier that it stands beside, where one is open. */
  closeThing() {
    if (this.store.state.dossier.status === 'closed') this.closeCard();
    else {
      this.page.thing.close();
      this.page.desk.dossier.showTab('alarm');
    }
  }

  flyTo({ lon, lat }) {
    this.fly((map) => map.flyTo({ longitude: lon, latitude: lat }));
  }

  /** The card of an event, which stands alone. */
  openEvent(id) {
    this.page.parts.tellOthers([this.page.eventCard], 'close');
    this.page.eventCard.open(id);
  }

  /** The card of an event, and the map above its place. */
  flyToEvent({ id, lon, lat }) {
    if (this.store.state.event.id !== id) this.openEvent(id);
    this.fly((map) => map.flyTo({ longitude: lon, latitude: lat }));
  }

  /** Its details, and where it is. */
  openWarning({ id, geometry }) {
    this.page.parts.tellOthers([this.page.warnings], 'close');
    this.page.warnings.open(id);
    this.flyToArea(geometry);
  }

  flyToArea(geometry) {
    const bounds = boundsOf(geometry);
    if (bounds !== null) this.flyToBounds(boundsWithin(bounds, this.store.state.scene.bounds));
  }

  flyToBounds(bounds) {
    this.fly((map) => map.flyToBounds(bounds));
  }

  /** The card of a grid, and where it is. */
  openGrid(code) {
    this.page.parts.tellOthers([this.page.grids], 'close');
    this.page.grids.open(code);
    const place = this.page.gridMap.figures.place(code);
    if (place) this.flyToBounds(place.bounds);
  }

  /** The card of a keeper, and where they are. */
  openKeeper(code) {
    this.page.parts.tellOthers([this.page.keepers], 'close');
    this.page.keepers.open(code);
    const { lon: longitude, lat: latitude } = this.page.keepers.known(code);
    if (Number.isFinite(longitude)) this.fly((map) => map.flyTo({ longitude, latitude }));
  }

  /** A building of the open grid, whose card stays behind it. */
  async openBuildingOfGrid(id) {
    this.page.grids.showTab('building');
    await this.page.city.card.open(id);
    const { building, id: open } = this.store.state.card;
    if (open !== id || !building) return;
    const [longitude, latitude] = building.centre;
    this.fly((map) => map.flyTo({ longitude, latitude }));
  }

  /** The household of a room of the open grid; its building stands behind it, and behind that the grid's card. */
  async openRoomOfGrid(buildingId, roomId) {
    await this.openBuildingOfGrid(buildingId);
    if (this.store.state.card.id === buildingId) await this.openHousehold(roomId);
  }

  /** Back from a building to its grid. */
  backToGrid() {
    this.page.city.close();
    this.page.grids.showTab('grid');
  }

  /** Move the map once the card is there: the frame after next has it, and the place is to stand in the free part. */
  fly(move) {
    requestAnimationFrame(() => requestAnimationFrame(() => this.page.stage.cityMap && move(this.page.stage.cityMap)));
  }
}
