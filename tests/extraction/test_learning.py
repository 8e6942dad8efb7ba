from __future__ import annotations

import json

from extraction.paper import INVOICE, Placed, source
from fieldproof.core import codec
from fieldproof.core.geometry import Box
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Correction, Options, Reviewed, extract, learn, local_engine, replay
from fieldproof.extraction.child import example_to_json, replay_to_bytes

SCHEMA_JSON = {"groups": {"g": {"fields": {"mandate_token": {"type": "string"}}}}}
SCHEMA = parse_schema(SCHEMA_JSON)
PATH = ("g", "mandate_token")


def letter(token: str, number: str, decoy: str = "WW90-01") -> list[Placed]:
    """The invoice with a token at the bottom that no label names, and another one elsewhere."""
    placed = [(x, y, t.replace("0815", number)) for x, y, t in INVOICE]
    return [*placed, (420, 440, token), (40, 500, "Token:"), (80, 500, decoy)]


def token_of(document, *examples):
    return extract([document], SCHEMA, Options(examples=examples)).data["g"]["mandate_token"]


def taught(*corrections: Correction):
    return learn(source(letter("ZX81-77", "0815")).parsed, SCHEMA, corrections)


def test_a_corrected_value_is_used_by_the_next_look_alike():
    example = taught(Correction(PATH, "ZX81-77"))
    following = source(letter("QK55-12", "0816"))
    assert token_of(following) != "QK55-12"
    assert token_of(following, example) == "QK55-12"


def test_a_drawn_box_alone_teaches_the_place():
    drawn = Box(419 / 600, 439 / 800, 460 / 600, 451 / 800)
    example = taught(Correction(PATH, page=1, box=drawn))
    assert token_of(source(letter("QK55-12", "0816")), example) == "QK55-12"


def test_removing_the_example_undoes_it():
    example = taught(Correction(PATH, "ZX81-77"))
    following = source(letter("QK55-12", "0816"))
    before = token_of(following)
    token_of(following, example)
    assert token_of(following) == before


def test_an_example_leaves_other_layouts_alone():
    example = taught(Correction(PATH, "ZX81-77"))
    other = source([(40, 40, "Meeting notes"), (40, 60, "Token: RR11-22"), (40, 80, "Nothing else of interest here")])
    assert token_of(other, example) == token_of(other)


def test_replay_accepts_what_helps():
    reviewed = [Reviewed((source(letter("QK55-12", "0816")),), {PATH: "QK55-12"})]
    found = replay(local_engine(), SCHEMA, reviewed, [], taught(Correction(PATH, "ZX81-77")))
    assert (found.asked, found.before, found.after) == (1, 0, 1)
    assert found.is_accepted


def test_replay_rejects_what_makes_reviewed_results_worse():
    good = taught(Correction(PATH, "ZX81-77"))
    wrong = learn(source(letter("ZX81-77", "0817")).parsed, SCHEMA, [Correction(PATH, "WW90-01")])
    reviewed = [
        Reviewed((source(letter(f"QK55-{n}", f"08{n}", f"VB{n}-02"), id_=f"d{n}"),), {PATH: f"QK55-{n}"})
        for n in (21, 22)
    ]
    found = replay(local_engine(), SCHEMA, reviewed, [], wrong)
    assert replay(local_engine(), SCHEMA, reviewed, [], good).is_accepted
    kept = replay(local_engine(), SCHEMA, reviewed, [good], wrong)
    assert found.after == 0
    assert kept.before == 2
    if kept.after < kept.before:
        assert not kept.is_accepted
        assert kept.losses[0].expected == "QK55-21"


def test_a_reviewed_document_is_not_examined_on_its_own_example():
    example = taught(Correction(PATH, "ZX81-77"))
    own = Reviewed((source(letter("ZX81-77", "0815")),), {PATH: "ZX81-77"}, example.id)
    assert replay(local_engine(), SCHEMA, [own], [], example).asked == 0


def test_replay_in_the_child_speaks_json():
    case = {
        "documents": [("d1", "d1.pdf", codec.dump(source(letter("QK55-12", "0816")).parsed))],
        "truth": {"g.mandate_token": "QK55-12"},
    }
    example = taught(Correction(PATH, "ZX81-77"))
    answer = json.loads(replay_to_bytes([case], SCHEMA_JSON, [], example_to_json(example)))
    assert answer == {"is_accepted": True, "asked": 1, "before": 0, "after": 1, "losses": []}
