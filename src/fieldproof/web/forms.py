"""What forms send: read under limits, then turned into typed values."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Self, TypeVar, get_origin
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from fieldproof.core.errors import Invalid, LimitExceeded, Malformed
from fieldproof.edge import app_of, fields_of, read_body

Model = TypeVar("Model", bound="FormModel")
_MAX_FIELDS = 5_000


class FormModel(BaseModel):
    """Fields of a form; blank ones count as not given, unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    @classmethod
    def checked(cls, **given: Any) -> Self:
        """Raises: Invalid with a sentence for each field."""
        try:
            return cls.model_validate({name: value for name, value in given.items() if value not in (None, "")})
        except ValidationError as error:
            raise Invalid(fields_of(list(error.errors()))) from error


class Form:
    """Names, texts and files as they came."""

    def __init__(self, pairs: list[tuple[str, str]], files: list[tuple[str, UploadFile]]) -> None:
        self._texts: dict[str, list[str]] = {}
        for name, text in pairs:
            self._texts.setdefault(name, []).append(text)
        self._files = files

    def text(self, name: str) -> str:
        """The last one of that name, trimmed; empty when there is none."""
        return self._texts.get(name, [""])[-1].strip()

    def raw(self, name: str) -> str:
        return self._texts.get(name, [""])[-1]

    def texts(self, name: str) -> list[str]:
        return self._texts.get(name, [])

    def has(self, name: str) -> bool:
        return name in self._texts

    def files(self, name: str) -> list[UploadFile]:
        return [file for key, file in self._files if key == name and file.filename]

    def read(self, model: type[Model]) -> Model:
        """Raises: Invalid with a sentence for each field."""
        given: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            if get_origin(field.annotation) is list:
                given[name] = self.texts(name)
            elif self.text(name) != "":
                given[name] = self.raw(name)
        return model.checked(**given)


async def read_form(request: Request) -> Form:
    """Raises: LimitExceeded, Malformed, Invalid for a NUL, which the database cannot hold."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await _read_multipart(request)
    elif kind == "application/x-www-form-urlencoded":
        raw = await read_body(request, app_of(request).settings.max_body_bytes)
        try:
            pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError as error:
            raise Malformed("The form could not be read.") from error
        form = Form(pairs, [])
    else:
        return Form([], [])
    return form


async def _read_multipart(request: Request) -> Form:
    settings = app_of(request).settings
    stream = _limited(request, settings.max_upload_bytes + settings.max_body_bytes)
    parser = MultiPartParser(
        request.headers, stream, max_files=settings.max_batch_files, max_fields=_MAX_FIELDS,
        max_part_size=settings.max_body_bytes,
    )  # fmt: skip
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise Malformed(f"The form could not be read: {error.message}") from error
    pairs = [(name, value) for name, value in data.multi_items() if isinstance(value, str)]
    files = [(name, value) for name, value in data.multi_items() if isinstance(value, UploadFile)]
    return Form(pairs, files)


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise LimitExceeded(f"All files of one form together may have {limit:,} bytes. Send them in several steps.")
        yield piece
