"""Who did what in a workspace, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Text, cast, or_, select

from fieldproof.db.models import AuditEvent, Workspace
from fieldproof.services.documents import like_pattern
from fieldproof.services.paging import Page, page_of
from fieldproof.services.work import Work

PAGE_SIZE = 50


@dataclass(frozen=True)
class EventFilter:
    """``text`` is looked for in the actor, the target and the details; dates are whole days in UTC."""

    text: str = ""
    actor: str = ""
    action: str = ""  # "template.updated", or all of "template."
    since: date | None = None
    until: date | None = None


def list_events(work: Work, workspace: Workspace, wanted: EventFilter, page: int = 1) -> Page[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.workspace_id == workspace.id)
    if wanted.text:
        needle = like_pattern(wanted.text)
        query = query.where(
            or_(
                AuditEvent.actor.ilike(needle),
                AuditEvent.target.ilike(needle),
                cast(AuditEvent.details, Text).ilike(needle),
            )
        )
    if wanted.actor:
        query = query.where(AuditEvent.actor == wanted.actor)
    if wanted.action.endswith("."):
        query = query.where(AuditEvent.action.startswith(wanted.action, autoescape=True))
    elif wanted.action:
        query = query.where(AuditEvent.action == wanted.action)
    if wanted.since:
        query = query.where(AuditEvent.at >= _midnight(wanted.since))
    if wanted.until:
        query = query.where(AuditEvent.at < _midnight(wanted.until) + timedelta(days=1))
    return page_of(work, query.order_by(AuditEvent.id.desc()), page, PAGE_SIZE)


def list_choices(work: Work, workspace: Workspace) -> tuple[list[str], list[str]]:
    """The actors and the actions there are, for filters."""
    events = AuditEvent.workspace_id == workspace.id
    actors = work.db.scalars(select(AuditEvent.actor).where(events).distinct().order_by(AuditEvent.actor).limit(200))
    actions = work.db.scalars(select(AuditEvent.action).where(events).distinct().order_by(AuditEvent.action).limit(200))
    return list(actors), list(actions)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
