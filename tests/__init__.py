"""Tests of Shapan; the folders mirror the packages."""
