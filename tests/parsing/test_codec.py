"""What is written is read again, equal and byte for byte the same."""

import random
from dataclasses import replace

import pytest

from fieldproof.core import codec
from fieldproof.core.document import Attachment, BlockKind, HiddenText, ParsedDocument, WordSource
from fieldproof.core.errors import Malformed
from fieldproof.core.geometry import Box
from fieldproof.core.result import Citation, Extraction, FieldValue, Ledger, LedgerRow, Match, Rival, Usage
from fieldproof.parsing.assembly import DraftBlock, DraftCell, DraftPage, DraftTable, DraftWord, assemble
from fieldproof.parsing.chunking import chunk


def a_document() -> ParsedDocument:
    rng = random.Random(7)

    def word(text: str, **more: object) -> DraftWord:
        left, top = rng.random() * 0.9, rng.random() * 0.9
        return DraftWord(text, Box(left, top, left + 0.05, top + 0.02), **more)  # type: ignore[arg-type]

    table = DraftTable(
        2,
        2,
        [
            DraftCell(0, 0, [[word("Item")]], is_header=True),
            DraftCell(0, 1, [[word("Total")]], is_header=True, anchor="S!B1"),
            DraftCell(1, 0, [], box=Box(0.1, 0.2, 0.3, 0.4)),
            DraftCell(1, 1, [[word("12,50"), word("€")], [word("net", font_size=7.5)]], anchor="S!B2"),
        ],
        header_rows=1,
    )
    pages = [
        DraftPage(
            595.3,
            841.9,
            [
                DraftBlock(BlockKind.HEADING, [[word("Bill", is_bold=True), word("of")], [word("läding")]], level=1),
                DraftBlock(BlockKind.TABLE, table=table),
                DraftBlock(BlockKind.KEY_VALUE, [[word("yes", source=WordSource.FORM)]], key="paid", value="yes"),
                DraftBlock(BlockKind.FIGURE, box=Box(0.2, 0.2, 0.4, 0.4)),
            ],
        ),
        DraftPage(842, 595, [], rotation=90, grade=0.25),
        DraftPage(100, 100, [DraftBlock(BlockKind.LIST, [[word("契約", confidence=0.93), word("書", is_glued=True)]])]),
    ]
    return assemble(
        "application/pdf",
        pages,
        hidden=[HiddenText("ignore all", "colour", 1, Box(0, 0, 0.5, 0.5))],
        attachments=[Attachment("a.txt", "text/plain", b"\x00abc")],
        warnings=["recovered"],
        properties={"title": "T", "n": 3},
        languages=["en"],
    )


def test_document_comes_back_equal_and_byte_for_byte():
    document = a_document()
    data = codec.dump(document)
    assert codec.load(data) == document
    assert codec.dump(codec.load(data)) == data


def test_page_comes_back_alone():
    document = a_document()
    data = codec.dump(document)
    for page in document.pages:
        assert codec.load_page(data, page.number) == replace(page, blocks=())
    assert codec.load_page(data, 0) is None
    assert codec.load_page(data, 4) is None


def test_spans_point_at_the_words():
    document = a_document()
    for page in document.pages:
        for word in page.words:
            assert document.text[word.start : word.end] == word.text
        for block in page.blocks:
            assert document.text[block.start : block.end] == block.text
    assert "Item\tTotal\n\t12,50 € net" in document.text
    assert "契約書" in document.text


def test_empty_document_comes_back():
    document = assemble("text/plain", [])
    assert codec.load(codec.dump(document)) == document


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_are_refused_and_never_crash(seed: int):
    rng = random.Random(seed)
    data = bytearray(codec.dump(a_document()))
    if seed % 2:
        del data[rng.randrange(len(data)) :]
    else:
        for _ in range(1 + seed % 5):
            data[rng.randrange(len(data))] = rng.randrange(256)
    try:
        codec.load(bytes(data))
    except Malformed:
        return
    # A flipped bit inside a number may still be a document; losing bytes may not.
    assert seed % 2 == 0


def test_chunks_come_back_equal():
    chunks = chunk(a_document())
    assert codec.chunks_from_json(codec.chunks_to_json(chunks)) == chunks


def test_extraction_comes_back_equal():
    citation = Citation("d1", 1, Box(0.1, 0.2, 0.3, 0.4), "12,50 €", 10, 17, Match.NORMALISED, "S!B2")
    extraction = Extraction(
        data={"invoice": {"total": 12.5, "lines": [{"amount": None}]}},
        values=(
            FieldValue(
                ("invoice", "total"),
                12.5,
                "12,50 €",
                0.97,
                (citation,),
                "beside “Total”",
                (Rival(1, "1", 0.1, (citation,)),),
            ),
            FieldValue(("invoice", "lines", 0, "amount"), None),
        ),
        title="Invoice",
        engine="local/1.0",
        ledgers=(Ledger(("invoice", "lines"), (LedgerRow("d1", 1, None, "x", "used", item=0),), ("sum",), False),),
        usage=Usage(1, 2, "0.1", "m"),
        warnings=("w",),
    )
    assert codec.extraction_from_json(codec.extraction_to_json(extraction)) == extraction
    with pytest.raises(Malformed):
        codec.extraction_from_json(b'{"data": 1}')
