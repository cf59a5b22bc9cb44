"""The command ``shapan``: finds its subcommands, and turns errors into one message and a code.

It knows no command. Each package contributes its own by the entry-point group
``shapan.commands``, and one is imported only when it is asked for; even ``shapan --help`` takes
each command's summary from the source text, so that it answers at once.
"""

import ast
import os
import sys
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from spatial import errors, installation

COMMANDS = "shapan.commands"

# Exit codes, the most special class first; a class that is not here takes its parent's.
# 2 is also click's own code for a wrong option.
EXIT_CODES: tuple[tuple[type[errors.ShapanError], int], ...] = (
    (errors.SettingError, 2),
    (errors.InvalidInput, 2),
    (errors.MappingError, 2),
    (errors.SourceError, 3),
    (errors.DatabaseError, 4),
    (errors.ShapanError, 1),
)
USAGE = 2
INTERRUPTED = 130


def exit_code(error: errors.ShapanError) -> int:
    """Return the exit code of an error: 2 setting or usage, 3 source file, 4 database, else 1."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


class LazyGroup(click.Group):
    """A group whose commands come from entry points and are imported when they are invoked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(entry_points(group=COMMANDS).names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None when there is none of that name."""
        for entry in entry_points(group=COMMANDS, name=cmd_name):
            return _load(entry)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        rows = [(entry.name, summary(entry)) for entry in sorted(entry_points(group=COMMANDS))]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete command names without importing any; the rest is click's."""
        names = [CompletionItem(entry.name, help=summary(entry))
                 for entry in sorted(entry_points(group=COMMANDS)) if entry.name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


def summary(entry: EntryPoint) -> str:
    """Return the first line of a command's docstring, read from its source; empty when there is none.

    Args:
        entry: its value is ``package.module:function``.
    """
    source = _source(entry.module)
    if source is None:
        return ""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == entry.attr:
            return (ast.get_docstring(node) or "").split("\n", 1)[0].rstrip(".")
    return ""


@click.group(cls=LazyGroup,
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name=installation.DISTRIBUTION, prog_name="shapan")
def root() -> None:
    """Shapan (数字沙盘): 3D sandbox and spatial service for street and county command centres.

    Settings are environment variables, see docs/settings.md.

    \b
    Completion in bash: eval "$(_SHAPAN_COMPLETE=bash_source shapan)"
    In zsh and fish: the same with zsh_source, fish_source.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Args:
        arguments: the words after ``shapan``; the process's own when None.
    """
    try:
        installation.check()
        code = root.main(args=arguments, prog_name="shapan", standalone_mode=False)
        # In this mode click returns the code of ctx.exit() and a command's own return value alike.
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except errors.ShapanError as error:
        sys.exit(complain(error))
    except click.ClickException as error:
        _say_usage(error)
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("shapan: interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe left, as `| head` does: nothing to say; click's own code for it is 1.
        # Python flushes standard output once more when it ends, and that must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def complain(error: errors.ShapanError) -> int:
    """Print an error with its faults and its cure on standard error; return its exit code."""
    click.echo(f"shapan: {error.what}", err=True)
    for place, message in getattr(error, "faults", ()):
        click.echo(f"  {place}: {message}", err=True)
    if error.cure:
        click.echo(f"  {error.cure}", err=True)
    return exit_code(error)


def _say_usage(error: click.ClickException) -> None:
    """Print an error of click's in the form of ours, its usage and hint as the cure."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()  # the message is the help itself
        return
    click.echo(f"shapan: {error.format_message()}", err=True)
    if context is not None:
        click.echo(f"  {context.get_usage()}\n  Try '{context.command_path} --help' for help.", err=True)


def _load(entry: EntryPoint) -> click.Command:
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        raise errors.InstallationError(f"The command {entry.name} cannot be loaded: {error}.",
                                       installation.CURE) from error


def _source(module: str) -> Path | None:
    """Return the source file of a module without importing it or its parents."""
    base = Path(__file__).resolve().parent.parent.joinpath(*module.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    spec = PathFinder.find_spec(module.split(".", maxsplit=1)[0])
    return Path(spec.origin) if spec and spec.origin and "." not in module else None
