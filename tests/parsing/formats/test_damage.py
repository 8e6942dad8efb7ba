"""Files damaged in a thousand ways end in a document or in a typed failure, never in anything else."""

from __future__ import annotations

import io
import random
import re
import zipfile

import pytest

from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import chunk
from parsing.formats import build
from parsing.formats.conftest import Read
from parsing.formats.samples import SAMPLES, Sample

EXTREMES = (b"-1", b"0", b"99999999999", b"1e308", b"NaN", b"", b"x")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_damaged_files_end_in_an_answer(sample: Sample, seed: int, read: Read) -> None:
    chance = random.Random(f"{sample.name} {seed}")
    try:
        chunk(read(_damaged(sample.content, chance), sample.name))
    except ParsingFailed as failure:
        assert failure.message


def _damaged(content: bytes, chance: random.Random) -> bytes:
    if content[:2] != b"PK":
        return _mutated(content, chance)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for _ in range(3):
        name = chance.choice([name for name in parts if name.endswith((".xml", ".rels"))])
        parts[name] = _with_extremes(parts[name], chance) if chance.random() < 0.7 else _mutated(parts[name], chance)
    return build.archive(parts)


def _mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 20)]
            case _:
                data[at:at] = data[max(0, at - 40) : at]
    return bytes(data)


def _with_extremes(content: bytes, chance: random.Random) -> bytes:
    found = sorted({match.group() for match in re.finditer(rb'"-?\d+"', content)})
    for value in chance.sample(found, min(3, len(found))):
        content = content.replace(value, b'"' + chance.choice(EXTREMES) + b'"', 1)
    return content
