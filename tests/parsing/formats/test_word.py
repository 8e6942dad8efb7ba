"""Word files: what Word would show."""

from __future__ import annotations

from fieldproof.core.document import Block, BlockKind, ParsedDocument
from fieldproof.parsing import ParseConfig
from parsing.formats import build
from parsing.formats.build import archive, cell, docx, numbered, paragraph, row, run, table, text_box
from parsing.formats.conftest import Read


def _blocks(document: ParsedDocument) -> list[Block]:
    return [block for page in document.pages for block in page.blocks]


def test_words_are_not_cut_where_runs_meet(read: Read) -> None:
    document = read(docx(paragraph(run("Inv"), run("oi", "<w:b/>"), run("ce 17"))), "a.docx")
    assert [word.text for word in document.pages[0].words] == ["Invoice", "17"]


def test_bold_comes_from_runs_and_styles(read: Read) -> None:
    body = paragraph("plain ", run("bold", "<w:b/>"), run(" off", '<w:b w:val="0"/>'))
    body += paragraph("Title", properties='<w:pStyle w:val="H1"/>')
    words = read(docx(body, styles=build.STYLES), "a.docx").pages[0].words
    assert {word.text for word in words if word.is_bold} == {"bold", "Title"}


def test_headings_have_their_level(read: Read) -> None:
    body = paragraph("Title", properties='<w:pStyle w:val="H1"/>') + paragraph(
        "Part", properties='<w:outlineLvl w:val="2"/>'
    )
    blocks = _blocks(read(docx(body, styles=build.STYLES), "a.docx"))
    assert [(block.kind, block.level) for block in blocks] == [(BlockKind.HEADING, 1), (BlockKind.HEADING, 3)]


def test_list_numbers_count_as_in_word(read: Read) -> None:
    body = numbered("A") + numbered("B", 1) + numbered("C", 1) + numbered("D") + numbered("E", 1)
    document = read(docx(body, numbering=build.NUMBERING), "a.docx")
    assert [block.text for block in _blocks(document)] == ["1. A", "1.a) B", "1.b) C", "2. D", "2.a) E"]
    assert {block.kind for block in _blocks(document)} == {BlockKind.LIST}


def test_table_spans(read: Read) -> None:
    body = table(
        row(cell("wide", '<w:gridSpan w:val="2"/>'), cell("c")),
        row(cell("tall", '<w:vMerge w:val="restart"/>'), cell("b"), cell("c")),
        row(cell("", "<w:vMerge/>"), cell("e"), cell("f")),
    )
    [block] = _blocks(read(docx(body), "a.docx"))
    assert block.table is not None
    assert (block.table.row_count, block.table.column_count) == (3, 3)
    spans = {c.text: (c.row, c.column, c.row_span, c.column_span) for c in block.table.cells}
    assert spans["wide"] == (0, 0, 1, 2)
    assert spans["tall"] == (1, 0, 2, 1)
    assert spans["f"] == (2, 2, 1, 1)


def test_header_rows_by_mark_and_by_weight(read: Read) -> None:
    marked = table(row(cell("A"), cell("B"), properties="<w:tblHeader/>"), row(cell("1"), cell("2")))
    bold = table(
        row(cell(paragraph(run("A", "<w:b/>"))), cell(paragraph(run("B", "<w:b/>")))), row(cell("1"), cell("2"))
    )
    plain = table(row(cell("A"), cell("B")), row(cell("1"), cell("2")))
    tables = [block.table for block in _blocks(read(docx(marked + bold + plain), "a.docx"))]
    assert [found.header_rows for found in tables if found] == [1, 1, 0]


def test_nested_tables_and_lines_of_a_cell(read: Read) -> None:
    inner = table(row(cell("x"), cell("y")), row(cell("z"), cell("w")))
    body = table(row(cell(paragraph("one") + paragraph("two")), cell(paragraph("see") + inner + paragraph(""))))
    [block] = _blocks(read(docx(body), "a.docx"))
    assert block.table is not None
    assert [c.text for c in block.table.cells] == ["one two", "see x y z w"]


def test_fields_show_their_result_not_their_code(read: Read) -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>7</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    link = "<w:hyperlink>" + run("link") + "</w:hyperlink>"
    assert read(docx(paragraph("Page ", field, " and ", link)), "a.docx").text == "Page 7 and link"


def test_content_controls_insertions_and_text_boxes_are_read(read: Read) -> None:
    body = (
        f"<w:sdt><w:sdtContent>{paragraph('controlled')}</w:sdtContent></w:sdt>"
        + paragraph(
            "<w:ins>" + run("inserted") + "</w:ins>", "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
        )
        + paragraph("anchor", text_box("boxed"))
        + table(f"<w:sdt><w:sdtContent>{row(cell('a'), cell('b'))}</w:sdtContent></w:sdt>", row(cell("c"), cell("d")))
    )
    assert read(docx(body), "a.docx").text == "controlled\n\ninserted\n\nanchor\n\nboxed\n\na\tb\nc\td"


def test_alternative_content_is_read_once(read: Read) -> None:
    choice = text_box("boxed").removeprefix("<w:r>").removesuffix("</w:r>")
    fallback = f"<w:pict><v:shape><v:textbox><w:txbxContent>{paragraph('boxed')}</w:txbxContent></v:textbox></v:shape></w:pict>"
    both = f"<w:r><mc:AlternateContent><mc:Choice>{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent></w:r>"
    assert read(docx(paragraph("a", both)), "a.docx").text == "a\n\nboxed"


def test_footnotes_follow_with_their_number(read: Read) -> None:
    notes = (
        f'<w:footnotes {build.W}><w:footnote w:type="separator" w:id="0">{paragraph("-")}</w:footnote>'
        f'<w:footnote w:id="1">{paragraph("See annex.")}</w:footnote></w:footnotes>'
    )
    document = read(docx(paragraph("Terms"), footnotes=notes), "a.docx")
    assert document.text == "Terms\n\n1 See annex."
    assert _blocks(document)[1].anchor == "footnote 1"


def test_page_breaks_turn_the_page(read: Read) -> None:
    body = paragraph("one") + paragraph('<w:r><w:br w:type="page"/></w:r>') + paragraph("two")
    body += paragraph("three", properties="<w:pageBreakBefore/>")
    document = read(docx(body), "a.docx")
    assert [[word.text for word in page.words] for page in document.pages] == [["one"], ["two"], ["three"]]


def test_strict_files_read_the_same(read: Read) -> None:
    strict = docx(paragraph("Same text"), styles=build.STYLES)
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(strict)) as package:
        parts = {
            name: package.read(name)
            .replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/wordprocessingml/main")
            .replace(b"http://schemas.openxmlformats.org/officeDocument/2006", b"http://purl.oclc.org/ooxml/officeDocument")
            for name in package.namelist()
        }  # fmt: skip
    assert read(archive(parts), "a.docx").text == "Same text"


def test_long_documents_flow_over_pages_in_order(read: Read) -> None:
    document = read(docx("".join(paragraph(f"sentence number {n} " * 12) for n in range(150))), "a.docx")
    assert len(document.pages) > 5
    numbers = [word.text for page in document.pages for word in page.words if word.text.isdigit()]
    assert numbers == [str(n) for n in range(150) for _ in range(12)]
    assert {word.anchor for word in document.pages[0].words} >= {"p1", "p2"}


def test_rows_taller_than_a_page_are_cut_not_lost(read: Read) -> None:
    words = [f"word{number}" for number in range(3_000)]
    body = table(row(cell(" ".join(words)), cell("short")), row(cell("after"), cell("end")))
    document = read(docx(body), "a.docx")
    assert len(document.pages) > 2
    assert [word.text for page in document.pages for word in page.words if word.text.startswith("word")] == words
    assert document.text.endswith("after\tend")


def test_tables_of_many_columns_keep_every_word_whole(read: Read) -> None:
    names = [f"Identifier{number:03d}" for number in range(60)]
    document = read(docx(table(row(*map(cell, names)), row(*map(cell, names)))), "a.docx", ParseConfig())
    assert [word.text for word in document.pages[0].words] == names * 2


def test_right_to_left_text_runs_from_the_right(read: Read) -> None:
    [page] = read(docx(paragraph("שלום עולם")), "a.docx").pages
    first, second = page.words
    assert first.text == "שלום"
    assert first.box.left > second.box.right
    assert first.box.right > 0.9


def test_unspaced_scripts_break_between_characters(read: Read) -> None:
    text = "日本語の文章です" * 20
    document = read(docx(paragraph(text)), "a.docx")
    lines = document.pages[0].lines
    assert len(lines) > 2
    assert document.text.replace("\n", "") == text


def test_embedded_files_and_properties_are_listed(read: Read) -> None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(docx(paragraph("text")))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["word/embeddings/sheet1.xlsx"] = b"PK content"
    parts["docProps/core.xml"] = (
        b'<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Offer</dc:title><dc:creator>Ann</dc:creator></p>'
    )
    document = read(archive(parts), "a.docx")
    assert [(found.filename, found.content) for found in document.attachments] == [("sheet1.xlsx", b"PK content")]
    assert document.properties == {"author": "Ann", "title": "Offer"}


def test_check_boxes_show_their_state(read: Read) -> None:
    symbols = (
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
        + run(" yes ")
        + '<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>'
    )
    field = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>'
    assert read(docx(paragraph(symbols) + paragraph(field, run(" agreed"))), "a.docx").text == "☒ yes ☐\n\n☒ agreed"


def test_numbers_of_opendocument_lists(read: Read) -> None:
    styles = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
        '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/></text:list-style>'
    )
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>".format
    inner = f"<text:list>{item('x', '')}{item('y', '')}</text:list>"
    body = (
        f'<text:list text:style-name="L">{item("one", inner)}{item("two", "")}</text:list><text:p>between</text:p>'
        f'<text:list text:style-name="L" text:continue-numbering="true">{item("three", "")}</text:list>'
    )
    document = read(build.opendocument("text", body, styles), "a.odt")
    assert document.text == "1. one\n\na) x\n\nb) y\n\n2. two\n\nbetween\n\n3. three"


def test_opendocument_hides_what_is_hidden(read: Read) -> None:
    styles = (
        '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
        '<style:style style:name="W" style:family="text"><style:text-properties fo:color="#ffffff"/></style:style>'
        '<style:style style:name="T" style:family="text"><style:text-properties fo:font-size="1pt"/></style:style>'
    )
    body = (
        '<text:p>seen <text:span text:style-name="H">one</text:span><text:span text:style-name="W">two</text:span>'
        '<text:span text:style-name="T">three</text:span></text:p>'
        '<text:section text:display="none"><text:p>four</text:p></text:section>'
    )
    document = read(build.opendocument("text", body, styles), "a.odt")
    assert document.text == "seen"
    assert {hidden.text: hidden.reason for hidden in document.hidden} == {
        "one": "display",
        "two": "colour",
        "three": "size",
        "four": "display",
    }
