from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldproof.core.document import ParsedDocument
from fieldproof.parsing import ParseConfig, parse

Read = Callable[..., ParsedDocument]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Parses bytes as a file of the given name."""

    def parse_bytes(content: bytes, filename: str, config: ParseConfig | None = None) -> ParsedDocument:
        path = tmp_path / filename
        path.write_bytes(content)
        return parse(path, config or ParseConfig())

    return parse_bytes
