"""The tables, one file for each concept. Importing this package fills ``metadata``."""

from spatial.models.access_links import AccessLink
from spatial.models.alarm_rules import AlarmRule, RuleState, RuleStep
from spatial.models.alarms import Alarm, AlarmGroup, AlarmMark, AlarmMessage, AlarmStep, AlarmStray, AlarmType
from spatial.models.areas import Area
from spatial.models.audit import Audit, AuditHead
from spatial.models.base import Base, metadata
from spatial.models.bridge import BridgeReject
from spatial.models.buildings import Building, BuildingTally
from spatial.models.cells import BuildingCell, CellSum, EventCell
from spatial.models.device_states import (
    DeviceKind,
    DeviceOutage,
    DeviceReading,
    DeviceState,
    DeviceStep,
    DeviceTally,
    DeviceWatch,
)
from spatial.models.devices import Device
from spatial.models.events import Event, EventClass, EventDay, EventDayTouched, EventDayZone, EventStep
from spatial.models.expected import EntryRequirement, Expected
from spatial.models.facilities import Facility, FacilityClass
from spatial.models.green import Green
from spatial.models.grids import Grid
from spatial.models.handovers import Handover
from spatial.models.households import Household
from spatial.models.imagery import Imagery
from spatial.models.import_runs import ImportCatalogue, ImportReject, ImportRun
from spatial.models.keepers import Keeper, KeeperTrack
from spatial.models.kpi_days import KpiDay, KpiTaken
from spatial.models.model3d import Model3d
from spatial.models.organisations import Organisation
from spatial.models.outbox import Outbox, OutboxFloor, OutboxHead
from spatial.models.places import Place
from spatial.models.planned_grids import PlannedGrid
from spatial.models.plans import GridPlan, PlanException, PlanFace, PlanOperation, PlanStep
from spatial.models.residents import Resident
from spatial.models.roads import Road
from spatial.models.rollup import Rollup, RollupState
from spatial.models.rooms import Room
from spatial.models.search import SearchEntry
from spatial.models.surveys import SurveyEdit, SurveyGiven, SurveyPhoto
from spatial.models.tasks import Task, TaskStep
from spatial.models.terrain import Terrain
from spatial.models.tile_versions import TileVersion
from spatial.models.units import Unit
from spatial.models.wall_tours import WallTour
from spatial.models.warnings import Warning_, WarningColour, WarningMessage, WarningStep
from spatial.models.water import Water
from spatial.models.webhooks import Webhook

__all__ = [
    "AccessLink", "Alarm", "AlarmGroup", "AlarmMark", "AlarmMessage", "AlarmRule", "AlarmStep", "AlarmStray",
    "AlarmType", "Area", "Audit", "AuditHead", "Base", "BridgeReject", "Building", "BuildingCell", "BuildingTally",
    "CellSum", "Device", "DeviceKind", "DeviceOutage", "DeviceReading", "DeviceState", "DeviceStep", "DeviceTally",
    "DeviceWatch", "EntryRequirement", "Event", "EventCell", "EventClass", "EventDay", "EventDayTouched",
    "EventDayZone", "EventStep", "Expected", "Facility", "FacilityClass", "Green", "Grid", "GridPlan", "Handover",
    "Household", "Imagery", "ImportCatalogue", "ImportReject", "ImportRun", "Keeper", "KeeperTrack", "KpiDay",
    "KpiTaken", "Model3d", "Organisation", "Outbox", "OutboxFloor", "OutboxHead", "Place", "PlanException",
    "PlanFace", "PlanOperation", "PlanStep", "PlannedGrid", "Resident", "Road", "Rollup", "RollupState", "Room",
    "RuleState", "RuleStep", "SearchEntry", "SurveyEdit", "SurveyGiven", "SurveyPhoto", "Task", "TaskStep",
    "Terrain", "TileVersion", "Unit", "WallTour", "WarningColour", "WarningMessage", "WarningStep", "Warning_",
    "Water", "Webhook", "metadata",
]
