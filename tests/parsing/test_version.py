"""The parser's version tells when the same bytes may parse differently than before."""

from __future__ import annotations

from fieldproof.parsing import PARSER_VERSION
from parsing import golden


def test_fixed_files_parse_as_when_the_version_was_raised():
    assert golden.recorded() == {PARSER_VERSION: golden.found()}, (
        "The same bytes parse differently: raise PARSER_VERSION, then PYTHONPATH=tests python -m parsing.golden"
    )
