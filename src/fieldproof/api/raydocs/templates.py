from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.api.raydocs.paging import envelope, page_number
from fieldproof.api.raydocs.schemas import TemplateCreate, TemplateDuplicate, TemplateUpdate
from fieldproof.core.actor import Role
from fieldproof.db.models import Template
from fieldproof.edge import Payload, payload
from fieldproof.services import access, processing, templates
from fieldproof.services.work import Work

router = APIRouter()
TemplateId = Annotated[str, Path(alias="templateId")]
Sent = Annotated[Payload, Depends(payload)]


@operation(router, "listTemplates")
def list_templates(work: Caller, workspace_id: Annotated[str, Path(alias="workspaceId")], request: Request) -> Response:
    workspace = access.workspace(work, workspace_id, "templates-read")
    page = templates.list_templates(work, workspace, page_number(request))
    return present.answer(envelope(page, lambda t: _shown(work, t)))


@operation(router, "createTemplate")
def create_template(work: Caller, sent: Sent) -> Response:
    access.require(work, "templates-write")
    body = sent.read(TemplateCreate)
    workspace = access.workspace(work, body.workspace_id, "templates-write", role=Role.USER)
    template = templates.add_template(
        work, workspace, body.name, body.schema_, description=body.description, settings=body.settings
    )
    return present.answer(_shown(work, template), 201)


@operation(router, "getTemplate")
def get_template(work: Caller, template_id: TemplateId) -> Response:
    return present.answer(_shown(work, access.template(work, template_id, "templates-read")))


@operation(router, "updateTemplate")
def update_template(work: Caller, template_id: TemplateId, sent: Sent) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER)
    changes = sent.read(TemplateUpdate).changes()
    return present.answer(_shown(work, templates.update_template(work, template, changes)))


@operation(router, "deleteTemplate")
def delete_template(work: Caller, template_id: TemplateId) -> Response:
    templates.remove_template(
        work, access.template(work, template_id, "templates-write", role=Role.USER, is_locked=True)
    )
    return present.nothing()


@operation(router, "duplicateTemplate")
def duplicate_template(work: Caller, template_id: TemplateId, sent: Sent) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER)
    body = sent.read(TemplateDuplicate, is_optional=True)
    return present.answer(_shown(work, templates.duplicate_template(work, template, body.name)), 201)


def _shown(work: Work, template: Template) -> dict[str, object]:
    return present.template(template, processing.template_config_hash(work.settings, template))
