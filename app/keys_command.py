"""`python -m app keys`: keys made, listed and revoked by who runs the service, for any tenant."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from service.errors import UnknownKey
from service.keys import MAX_DAYS, MAX_RATE, SCOPES, Key, Keys, Scope
from service.tenants import TENANT
from service.wiring import Services


def run(arguments: Sequence[str], services: Services) -> int:
    """Do what the arguments say; return the exit code.

    The database is made where there is none yet, but not for arguments that are refused or ask for help.
    A new key is written to standard output, alone on its line; all else that is told of it to standard error.
    """
    asked = _parser().parse_args(arguments)
    commands = {"create": _create, "list": _list, "revoke": _revoke}
    services.prepare()
    return commands[asked.command](asked, services.keys)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app keys", description="Make, list and revoke keys."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key; it is shown this once")
    create.add_argument("--name", default="made by the command", help="who or what it is for")
    create.add_argument("--tenant", default=TENANT, help="whose documents it opens (%(default)s)")
    create.add_argument(
        "--scopes",
        type=_scopes,
        default=frozenset(SCOPES[:2]),
        help=f"of {','.join(SCOPES)} (read,write)",
    )
    create.add_argument(
        "--expires", type=_count(MAX_DAYS), metavar="DAYS", help="after so many days"
    )
    create.add_argument("--rate", type=_count(MAX_RATE), metavar="N", help="requests a minute")
    create.add_argument("--budget-day", type=_dollars, metavar="USD", help="for models, a day")
    create.add_argument("--budget-total", type=_dollars, metavar="USD", help="for models, ever")
    listing = commands.add_parser("list", help="list keys, revoked ones too")
    listing.add_argument("--tenant", help="of one tenant alone")
    revoking = commands.add_parser("revoke", help="make a key invalid for ever")
    revoking.add_argument("id", help="the key's id, or what of the key may be seen")
    return parser


def _create(asked: argparse.Namespace, keys: Keys) -> int:
    days = asked.expires
    try:
        key, text = keys.make(
            asked.tenant,
            asked.name,
            asked.scopes,
            expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
            rate=asked.rate,
            budget_day=asked.budget_day,
            budget_total=asked.budget_total,
        )
    except ValueError as error:
        sys.stderr.write(f"No key was made: {error}.\n")
        return 2
    sys.stderr.write(f"{_line(key)}\nThis is the key; it is shown this once:\n")
    sys.stdout.write(f"{text}\n")
    return 0


def _list(asked: argparse.Namespace, keys: Keys) -> int:
    for key in keys.listed(asked.tenant):
        sys.stdout.write(f"{_line(key)}\n")
    return 0


def _revoke(asked: argparse.Namespace, keys: Keys) -> int:
    try:
        keys.revoke(None, asked.id.removeprefix("inv_")[:12])
    except UnknownKey as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stderr.write("The key is revoked.\n")
    return 0


def _line(key: Key) -> str:
    if key.revoked_at is not None:
        state = f"revoked {key.revoked_at:%Y-%m-%d}"
    elif key.expires_at is None:
        state = "valid"
    else:
        state = f"valid until {key.expires_at:%Y-%m-%d}"
    used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
    scopes = ",".join(scope for scope in SCOPES if scope in key.scopes)
    return "  ".join((key.prefix, key.tenant, scopes, state, used, key.name))


def _scopes(text: str) -> frozenset[Scope]:
    asked = {part.strip() for part in text.split(",")}
    if unknown := asked - set(SCOPES):
        raise argparse.ArgumentTypeError(f"there is no scope {', '.join(sorted(unknown))!r}")
    return frozenset(scope for scope in SCOPES if scope in asked)


def _count(most: int) -> Callable[[str], int]:
    """Return what reads a whole number from 1 to `most`."""

    def read(text: str) -> int:
        if not (text.isdecimal() and 1 <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"not a number from 1 to {most:,}")
        return int(text)

    return read


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not 0 <= amount < 1_000_000_000:
        raise argparse.ArgumentTypeError("not an amount of US dollars")
    return amount
