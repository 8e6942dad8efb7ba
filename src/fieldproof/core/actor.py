"""Who acts, and what roles and abilities there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

ABILITIES: tuple[str, ...] = (
    "workspaces-read", "workspaces-write",
    "workspace-users-read", "workspace-users-write",
    "templates-read", "templates-write",
    "sessions-read", "sessions-write",
    "documents-read", "documents-write",
    "workflows-read", "workflows-write", "workflows-execute", "workflow-runs-output-read",
)  # fmt: skip


class Role(StrEnum):
    ADMIN = "admin"
    USER = "user"
    READONLY = "readonly"

    def covers(self, needed: Role) -> bool:
        order = [Role.READONLY, Role.USER, Role.ADMIN]
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, a token's bearer, or the machine itself.

    ``abilities`` is None for people in the dashboard and for the machine: all of them.
    ``workspace_id`` restricts a token to one workspace. ``memberships``: the role in each workspace that it may see, in
    order; None where it was not looked up with the actor.
    """

    user_id: int | None
    name: str
    email: str = ""
    abilities: frozenset[str] | None = None
    token_id: int | None = None
    workspace_id: int | None = None
    ip: str | None = None
    web_session_id: int | None = None
    memberships: dict[int, Role] | None = field(default=None, compare=False, repr=False)

    def can(self, ability: str) -> bool:
        return self.abilities is None or ability in self.abilities


MACHINE = Actor(user_id=None, name="fieldproof")
