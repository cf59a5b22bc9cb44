"""One door from settings to addresses: the private cluster and a managed server look the same behind it."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from spatial import embedded, server
from spatial.errors import DatabaseUnreachable, SettingError
from spatial.settings import load


def managed(app: str, owner: str = "postgresql://owner:secret@127.0.0.1:1/x"):
    return load({"SHAPAN_DATABASE_URL": app, "SHAPAN_ADMIN_DATABASE_URL": owner})


def test_the_private_clusters_roles_differ_only_in_their_name(home):
    found = server.addresses(home)
    parts = [conninfo_to_dict(each) for each in (found.app, found.worker, found.owner, found.backup, found.superuser)]
    assert len({each.pop("user") for each in parts}) == 5
    assert all(each == parts[0] for each in parts)


def test_asking_for_addresses_starts_nothing_and_makes_nothing(home):
    server.addresses(home)
    assert not home.home.exists()


def test_a_managed_servers_addresses_are_used_as_given_and_nothing_is_started(database):
    found = server.bring_up(database.settings)
    assert conninfo_to_dict(found.app)["dbname"] == database.name
    assert found.worker == found.app
    assert found.superuser is None
    assert not embedded.cluster(database.settings).data.exists()


def test_a_silent_server_is_reported_with_its_place_and_without_the_password():
    with pytest.raises(DatabaseUnreachable, match=r"app@127\.0\.0\.1:1/x") as caught:
        server.bring_up(managed("postgresql://app:secret@127.0.0.1:1/x"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("address", "reason"), [
    ("postgresql://app@127.0.0.1:1/x", "Connection refused"),
    ("postgresql://app@/x?host=/tmp/nowhere", "No such file or directory"),
    ("postgresql://app@127.0.0.1:1,127.0.0.2:1/x", "Connection refused"),
    ("postgresql://app@nowhere.invalid/x", "failed to resolve host"),
])
def test_a_silent_server_is_reported_with_the_reason_and_no_hint_of_libpqs(address, reason):
    with pytest.raises(DatabaseUnreachable, match=reason) as caught:
        server.check_reachable(address)
    assert "\t" not in caught.value.what
    assert "\n" not in caught.value.what
    assert "?" not in caught.value.what.partition(": ")[2]
    assert not caught.value.what.endswith("..")


def test_an_address_that_is_none_is_a_setting_error_without_the_password():
    with pytest.raises(SettingError, match="SHAPAN_DATABASE_URL is not a PostgreSQL address") as caught:
        server.addresses(managed("mysql://app:secret@db/x"))
    assert "secret" not in str(caught.value)


def test_a_connection_that_hangs_is_given_up_in_time():
    parts = conninfo_to_dict(server.addresses(managed("postgresql://app@db/x")).app)
    assert int(parts["connect_timeout"]) == server.CONNECT_TIMEOUT_S
