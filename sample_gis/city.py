"""The whole city on one page: plan → streets → blocks → houses → people → everything else."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sample_gis import (
    blocks,
    declared,
    devices,
    events,
    facilities,
    grids,
    ground,
    housing,
    keepers,
    organisations,
    people,
    streets,
    uses,
)
from sample_gis.clock import Clock
from sample_gis.layer import Layer

POPULATION = {"full": people.POPULATION, "small": 1_500}


@dataclass(frozen=True)
class City:
    """A city in memory.

    Attributes:
        layers: name → layer, in the order in which they depend on each other.
        network, built, division: what it was made from, metres of the local frame.
        green: (class, name, polygon in metres) of every green patch.
    """

    layers: dict[str, Layer]
    network: streets.Network
    built: blocks.Built
    division: grids.Division
    green: list


def make_city(seed: int, clock: Clock, size: str = "full", told: Callable[[str], None] = lambda step: None) -> City:
    """Make the city of one seed.

    Args:
        seed: at least 0. Streets and boundaries are the same for every seed; houses,
            people, devices and events differ.
        clock: last instant of events and tracks.
        size: ``full``, or ``small`` for a part of one community.
        told: called with the name of each step before it starts.
    Returns:
        the city; equal arguments give equal content on every machine.
    """
    faces = tuple(face for face in uses.FACES if size == "full" or face.small)
    told("streets")
    network = streets.build_network()
    shapes = blocks.grid_shapes(network, faces)
    division = grids.divide(faces, shapes)
    told("buildings")
    built = blocks.build(network, seed, faces, shapes)
    homes = housing.house(built, seed)
    told("people")
    grid_of_building = np.array([built.sites[site].grid for site in homes.building_site])
    residents = people.settle(homes, grid_of_building, seed, POPULATION[size])
    told("devices")
    parts = facilities.equip(network, built, division, seed)
    told("ground")
    green = ground.green_shapes(network, built)
    firms = organisations.organise(built, homes, residents, seed)
    layers = [
        grids.area_layer(division), grids.grid_layer(division), *keepers.keep(built, division, seed, clock),
        ground.road_layer(network, built, division), ground.water_layer(network, division), ground.green_layer(green),
        ground.place_layer(network, built, division), homes.buildings, homes.units, residents.rooms, residents.layer,
        declared.declare(homes, residents, len(firms), np.array(division.grid_codes)[grid_of_building], seed),
        firms, parts,
        devices.install(built, division, homes, residents, parts, seed),
        events.happen(network, built, division, seed, clock),
    ]
    return City({layer.name: layer for layer in layers}, network, built, division, green)
