"""One blueprint for each concept, in the order of the manual."""

from webmap.views.access_links import access_links
from webmap.views.alarm_messages import alarm_messages
from webmap.views.alarm_overview import alarm_overview
from webmap.views.alarm_rules import alarm_rules
from webmap.views.alarms import alarms
from webmap.views.assessment import assessment
from webmap.views.audit import audit, audit_page
from webmap.views.buildings import buildings
from webmap.views.cameras import cameras
from webmap.views.changes import changes
from webmap.views.devices import devices
from webmap.views.dossier import dossier
from webmap.views.entry_rate import entry_rate
from webmap.views.events import events
from webmap.views.facilities import facilities
from webmap.views.grids import grids
from webmap.views.handovers import handover
from webmap.views.health import health
from webmap.views.households import households
from webmap.views.imports import imports
from webmap.views.keepers import keepers
from webmap.views.kpi import kpi
from webmap.views.layers import layers
from webmap.views.legends import legends
from webmap.views.live import live
from webmap.views.me import me
from webmap.views.models import models
from webmap.views.ogc import ogc
from webmap.views.pages import pages
from webmap.views.picture import picture
from webmap.views.plan_states import plan_states
from webmap.views.plans import plans
from webmap.views.raster import raster
from webmap.views.rollup import rollup
from webmap.views.scenes import scenes
from webmap.views.search import search
from webmap.views.styles import styles
from webmap.views.survey_conflicts import survey_conflicts
from webmap.views.survey_page import survey_page
from webmap.views.survey_photos import survey_photos
from webmap.views.surveys import surveys
from webmap.views.tasks import tasks
from webmap.views.terrain import terrain
from webmap.views.tiles import tiles
from webmap.views.tours import tours
from webmap.views.warnings import warnings
from webmap.views.webhooks import webhooks

BLUEPRINTS = (
    pages, tiles, ogc, raster, terrain, models, styles, layers, legends, scenes, search, buildings, alarms, dossier,
    events, devices, cameras, facilities, keepers, warnings, changes, webhooks, imports, entry_rate, grids, live,
    health, tasks, surveys, assessment, alarm_messages, alarm_overview, alarm_rules, rollup, kpi, picture, handover, me,
    households, audit, audit_page, access_links, tours, survey_page, survey_conflicts, survey_photos, plans,
    plan_states,
)
