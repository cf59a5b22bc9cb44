"""Settings are data: each has a default or none, a parser with the cure, and a sentence for the manual."""

from pathlib import Path

import pytest

from spatial.errors import SettingError
from spatial.settings import SETTINGS, Settings, default_home, load


def test_an_empty_environment_gives_working_defaults():
    settings = load({})
    assert settings.embedded
    assert (settings.host, settings.port) == ("127.0.0.1", 8700)
    assert settings.home == default_home()
    assert settings.key_file == settings.home / "keys" / "residents.key"


def test_an_empty_variable_counts_as_unset():
    assert load({"SHAPAN_PORT": ""}).port == 8700


def test_a_relative_home_is_made_absolute():
    assert load({"SHAPAN_HOME": "data"}).home == Path.cwd() / "data"


def test_all_faults_are_named_at_once():
    with pytest.raises(SettingError) as caught:
        load({"SHAPAN_PORT": "65536", "SHAPAN_TIME_ZONE": "Mars/Base", "SHAPAN_LANGUAGE": "fr",
              "SHAPAN_DEMO_ACCOUNT": "2"})
    for variable in ("SHAPAN_PORT", "SHAPAN_TIME_ZONE", "SHAPAN_LANGUAGE", "SHAPAN_DEMO_ACCOUNT"):
        assert variable in caught.value.what


@pytest.mark.parametrize("text", ["eighty", "-1", "8700.5", "1_000", "８７００"])
def test_a_port_that_is_no_whole_number_is_answered_with_its_range(text):
    with pytest.raises(SettingError, match="write a whole number from 1 to 65535"):
        load({"SHAPAN_PORT": text})


def test_a_misspelt_setting_is_refused_instead_of_ignored():
    with pytest.raises(SettingError, match="SHAPAN_HOMR is not a setting"):
        load({"SHAPAN_HOMR": "/srv"})


@pytest.mark.parametrize("variable", ["SHAPAN_DATABASE_URL", "SHAPAN_ADMIN_DATABASE_URL"])
def test_one_database_address_without_the_other_is_refused(variable):
    with pytest.raises(SettingError, match="go together"):
        load({variable: "postgresql://db/shapan"})


def test_both_database_addresses_replace_the_private_cluster():
    both = {"SHAPAN_DATABASE_URL": "postgresql://a@db/x", "SHAPAN_ADMIN_DATABASE_URL": "postgresql://o@db/x"}
    assert not load(both).embedded


def test_every_setting_is_an_attribute_and_has_a_sentence():
    assert {setting.name for setting in SETTINGS} == set(Settings.__dataclass_fields__)
    for setting in SETTINGS:
        assert setting.variable == f"SHAPAN_{setting.name.upper()}"
        assert setting.help.endswith(".")


@pytest.mark.parametrize("text", [
    "http://sandbox.example", "sandbox.example", "https://", "https://sandbox.example/wall", "https://a@sandbox.example",
    "https://sandbox.example?a=b", "https://sandbox.example#a", "https://sandbox.example:0", "https://sandbox.example:x",
    "https://sand box.example", "https://[::1", "https://sandbox.example\\"])
def test_a_public_address_that_is_not_scheme_host_and_port_is_refused(text):
    with pytest.raises(SettingError, match="write https://, a host"):
        load({"SHAPAN_PUBLIC_URL": text})


@pytest.mark.parametrize(("text", "address"), [
    ("https://Sandbox.example/", "https://sandbox.example"), ("https://sandbox.example:443", "https://sandbox.example"),
    ("https://10.1.2.3:8443", "https://10.1.2.3:8443"), ("https://[FD00::1]:8443/", "https://[fd00::1]:8443")])
def test_a_public_address_is_kept_as_browsers_write_it(text, address):
    assert load({"SHAPAN_PUBLIC_URL": text}).public_url == address


def test_the_demo_account_and_a_proxy_are_refused_together():
    with pytest.raises(SettingError, match="SHAPAN_DEMO_ACCOUNT and SHAPAN_PUBLIC_URL do not go together"):
        load({"SHAPAN_PUBLIC_URL": "https://sandbox.example", "SHAPAN_DEMO_ACCOUNT": "1"})
