"""``shapan rules``: rules that turn what devices say into alarms, on the command line."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from spatial.commands.opened import open_database
from spatial.queries import alarm_rules as queries
from spatial.queries import device_history, rule_states
from spatial.queries import devices as device_queries

ACCOUNT = "command line"
"""Who changed a rule, in its steps."""

DAYS_MOST = 400

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object for each line.")


@click.group()
def rules() -> None:
    """List, switch and try rules (告警规则) that turn what devices say into alarms."""


@rules.command(name="list")
@json_option
def list_(as_json: bool) -> None:
    """List all rules: whether they are enabled, what they look at, and when they raise which alarm.

    \b
    Examples:
      shapan rules list
      shapan rules list --json
    """
    with open_database() as connection:
        for rule in queries.listed(connection):
            click.echo(json.dumps(asdict(rule), ensure_ascii=False) if as_json else _line(rule))


@rules.command()
@click.argument("code")
@json_option
def enable(code: str, as_json: bool) -> None:
    """Let a rule look at what comes from now on.

    \b
    Example:
      shapan rules enable gas_high
    """
    _switch(code, True, as_json)


@rules.command()
@click.argument("code")
@json_option
def disable(code: str, as_json: bool) -> None:
    """Switch a rule off; its alarms are cleared.

    \b
    Example:
      shapan rules disable camera_lost
    """
    _switch(code, False, as_json)


def _switch(code: str, enabled: bool, as_json: bool) -> None:
    with open_database() as connection:
        queries.stop_applying(connection)
        rule = queries.of_code(connection, code)
        if rule.enabled != enabled:
            said = {name: getattr(rule, name) for name in queries.OWN}
            changed = queries.change(connection, rule, {**said, "enabled": enabled}, ACCOUNT)
            rule_states.settle(connection, rule, changed, datetime.now(UTC))
            rule = changed
    click.echo(json.dumps(asdict(rule), ensure_ascii=False) if as_json else _line(rule))


@rules.command(name="try")
@click.argument("code")
@click.option("--device", required=True, metavar="CODE", help="Device whose readings are looked at.")
@click.option("--days", type=click.IntRange(1, DAYS_MOST), default=7, show_default=True, help="How far back.")
@json_option
def try_(code: str, device: str, days: int, as_json: bool) -> None:
    """Say when a rule would have raised alarms on what a device said in the past. Nothing is raised.

    \b
    Examples:
      shapan rules try gas_high --device GAS00007
      shapan rules try water_pressure_low --device WTR00001 --days 90 --json
    """
    end = datetime.now(UTC)
    with open_database() as connection:
        rule = queries.of_code(connection, code)
        tried = device_history.try_rule(connection, rule.condition, device_queries.identify(connection, device),
                                        rule.quantity, end - timedelta(days=days), end)
    if as_json:
        for one in tried.fired:
            click.echo(json.dumps({name: at and at.isoformat() for name, at in one.items()}))
        return
    for one in tried.fired:
        over = f"cleared {one['cleared_at']:%Y-%m-%d %H:%M:%S%z}" if one["cleared_at"] else "not cleared"
        click.echo(f"raised {one['raised_at']:%Y-%m-%d %H:%M:%S%z}, {over}")
    more = f"; there are more than these first {tried.looked:,}" if tried.cut else ""
    click.echo(f"{len(tried.fired)} alarms in {tried.looked:,} readings of {days} days{more}.")


def _line(rule: queries.Rule) -> str:
    of = rule.device_code or rule.device_kind
    limit = rule.word if rule.word is not None else f"{rule.threshold:g}" if rule.threshold is not None else ""
    what = "lost" if rule.quantity is None else f"{rule.quantity} {rule.comparison} {limit}"
    lasting = f" for {rule.for_s} s" if rule.for_s else ""
    within = f" within {rule.within}" if rule.within else ""
    return f"{'on ' if rule.enabled else 'off'} {rule.code}: {of} {what}{lasting}{within} → {rule.severity} {rule.type}"
