"""The only door to a tenant's rows.

Every function checks in one order: ability (403), visibility (404), role (403). A row that
belongs to others answers exactly like one that does not exist. ``is_locked`` is for what may
happen only once, such as removal. Locks are taken in one order: session or template, document,
parsing, result.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from fieldproof.core.actor import Role
from fieldproof.core.errors import Forbidden, NotFound
from fieldproof.core.ids import parse_int_id, parse_uuid
from fieldproof.db.models import Document, Invitation, Member, Result, Session, Template, Workspace
from fieldproof.services.work import Work

Row = TypeVar("Row", Document, Result, Session, Template)
Rows = Select[*tuple[Any, ...]]


def require(work: Work, *abilities: str) -> None:
    """Raises: Forbidden when the token lacks one of the abilities."""
    if not all(work.actor.can(ability) for ability in abilities):
        raise Forbidden("Invalid ability provided.")


def workspace(
    work: Work, workspace_id: str | int, *abilities: str, role: Role = Role.READONLY, is_locked: bool = False
) -> Workspace:
    require(work, *abilities)
    number = parse_int_id(str(workspace_id))
    if number is None:
        raise NotFound
    query = select(Workspace, Member.role).join(Member, Member.workspace_id == Workspace.id)
    query = _mine(work, query.where(Workspace.id == number), Workspace.id)
    row = work.db.execute(_locked(query, Workspace) if is_locked else query).one_or_none()
    if row is None:
        raise NotFound
    _check_role(work, row[0].id, Role(row[1]), role)
    return row[0]


def workspace_id(work: Work, workspace_id: str | int, *abilities: str, role: Role = Role.READONLY) -> int:
    """As ``workspace``, for whoever needs no more of it than that it may be seen."""
    require(work, *abilities)
    number = parse_int_id(str(workspace_id))
    actual = memberships(work).get(number) if number is not None else None
    if number is None or actual is None:
        raise NotFound
    _check_role(work, number, actual, role)
    return number


def template(
    work: Work, template_id: str, *abilities: str, role: Role = Role.READONLY, is_locked: bool = False
) -> Template:
    return _visible(work, Template, template_id, abilities, role, is_locked)


def session(
    work: Work, session_id: str, *abilities: str, role: Role = Role.READONLY, is_locked: bool = False
) -> Session:
    return _visible(work, Session, session_id, abilities, role, is_locked)


def document(
    work: Work,
    document_id: str,
    *abilities: str,
    role: Role = Role.READONLY,
    within: Workspace | None = None,
    is_locked: bool = False,
) -> Document:
    found = _visible(work, Document, document_id, abilities, role, is_locked)
    if within is not None and found.workspace_id != within.id:
        raise NotFound
    return found


def result(work: Work, result_id: str, *abilities: str, role: Role = Role.READONLY, is_locked: bool = False) -> Result:
    return _visible(work, Result, result_id, abilities, role, is_locked)


def invitation(work: Work, within: Workspace, invitation_id: str | int) -> Invitation:
    """An invitation of an already visible workspace that is not accepted yet."""
    number = parse_int_id(str(invitation_id))
    query = select(Invitation).where(
        Invitation.id == number, Invitation.workspace_id == within.id, Invitation.accepted_at.is_(None)
    )
    found = work.db.scalar(query) if number is not None else None
    if found is None:
        raise NotFound
    return found


def role_in(work: Work, workspace_id: int) -> Role | None:
    """The actor's role in a workspace, None for outsiders."""
    if workspace_id not in work.roles:
        query = select(Member.role).where(Member.workspace_id == workspace_id)
        found = work.db.scalar(_mine(work, query, Member.workspace_id))
        if found is None:
            return None
        work.roles[workspace_id] = Role(found)
    return work.roles[workspace_id]


def visible(work: Work, query: Rows, workspace_id: InstrumentedAttribute[int]) -> Rows:
    """Cuts a query down to the rows of the actor's workspaces."""
    mine = _mine(work, select(Member.workspace_id), Member.workspace_id)
    return query.where(workspace_id.in_(mine))


def memberships(work: Work) -> dict[int, Role]:
    """Every workspace whose rows the actor may see, in order, and the role in it."""
    if work.actor.memberships is not None:
        return work.actor.memberships
    query = select(Member.workspace_id, Member.role).order_by(Member.workspace_id)
    return {row[0]: Role(row[1]) for row in work.db.execute(_mine(work, query, Member.workspace_id))}


def _visible(work: Work, model: type[Row], row_id: str, abilities: tuple[str, ...], role: Role, is_locked: bool) -> Row:
    require(work, *abilities)
    key = parse_uuid(str(row_id))
    if key is None:
        raise NotFound
    query = select(model, Member.role).join(Member, Member.workspace_id == model.workspace_id).where(model.id == key)
    query = _mine(work, query, model.workspace_id)
    row = work.db.execute(_locked(query, model) if is_locked else query).one_or_none()
    if row is None:
        raise NotFound
    _check_role(work, row[0].workspace_id, Role(row[1]), role)
    return row[0]


def _locked(query: Rows, model: type[Any]) -> Rows:
    """Nobody else changes or deletes the row until this transaction ends; whoever waited finds it gone."""
    return query.with_for_update(of=model).execution_options(populate_existing=True)


def _mine(work: Work, query: Rows, workspace_id: InstrumentedAttribute[int]) -> Rows:
    query = query.where(Member.user_id == work.actor.user_id)
    return query if work.actor.workspace_id is None else query.where(workspace_id == work.actor.workspace_id)


def _check_role(work: Work, workspace_id: int, actual: Role, needed: Role) -> None:
    work.roles[workspace_id] = actual
    if not actual.covers(needed):
        raise Forbidden(f"Your role in this workspace is {actual}; this needs {needed}.")
