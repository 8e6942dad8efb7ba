"""Why a value was chosen, in sentences that a person understands."""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.labels import SIDES
from fieldproof.extraction.offers import Decision, Offer
from fieldproof.extraction.query import ROLES, Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.shares import cents

_WHERE = {
    "inline": "right after", "left": "to the right of", "row": "in the row of", "above": "below", "column": "in the column of",
    "block": "in the block that begins with", "heading": "below", "below": "above", "right": "to the left of",
}  # fmt: skip
_INDEX = {name: i for i, name in enumerate(FEATURES)}
_NAMES = np.array(
    [[_INDEX[f"{m}_{side}"] for m in ("concept", "letters")] for side in SIDES]
)  # how well each names the field


def as_read(scene: Scene, offer: Offer) -> str:
    """As it stands there: the candidate, with its unit where that stands apart."""
    candidate, (_, pieces) = scene.candidates[offer.candidate], offer.place
    return candidate.text if pieces == candidate.pieces else scene.view.text_of(pieces)


def explain(query: Query, decision: Decision, scene: Scene | None, probability: float) -> str:
    winner = decision.winner
    if winner is None or scene is None:
        return _nothing(decision)
    candidate = scene.candidates[winner.candidate]
    sentences = [f'Found "{_short(as_read(scene, winner))}"{_label(winner, scene)} on page {_page(scene, winner)}.']
    features = np.asarray(winner.features)
    if features[_INDEX["memory_count"]] > 0 and features[_INDEX["memory_labels"]] > 0.7:
        sentences.append("A reviewed document of the same layout has the value at this place.")
    if query.role and scene.whose.get(candidate.segment) == query.role:
        sentences.append(f"It stands in the lines of the {ROLES[query.role].replace('_', ' ')}.")
    if query.is_number and cents(candidate) in scene.shares.own:
        sentences.append("It is this document's share of the whole that stands there too.")
    if query.is_number and winner.candidate in scene.column_totals.totals:
        sentences.append("The amounts above it in its column add up to it.")
    if winner.is_respelt:
        sentences.append(f'A reviewed document of the same layout spells it "{_short(str(winner.value))}".')
    if winner.stands_for:
        sentences.append(f'It is the "{winner.stands_for}", and no other sum is found for this field.')
    if features[_INDEX["is_proven"]] > 0:
        sentences.append("Its check digits or its form confirm it.")
    if decision.checks:
        sentences.append(f"The amounts agree: {decision.checks[0]}.")
    if decision.rivals:
        others = ", ".join(f'"{_short(str(o.value))}"' for o in decision.rivals[:2])
        sentences.append(f"Preferred to {others}, which the labels around support less.")
    if probability < 0.6:
        sentences.append("The support is weak: please check.")
    return " ".join(sentences)


def _nothing(decision: Decision) -> str:
    if decision.rivals:
        return f'Nothing in the document supports a value well enough; the nearest was "{_short(str(decision.rivals[0].value))}".'
    return "Nothing in the document supports a value."


def _label(winner: Offer, scene: Scene) -> str:
    worths = np.nan_to_num(np.asarray(winner.features)[_NAMES]).max(axis=1).tolist()
    sides = scene.labels.sides[winner.candidate].tolist()
    best, best_worth = -1, 0.3
    for k, worth in enumerate(worths):
        if sides[k] >= 0 and worth > best_worth + 0.02:
            best, best_worth = k, worth
    if best < 0:
        return ""
    return f' {_WHERE[SIDES[best]]} "{_short(scene.labels.texts[sides[best]].rstrip(" :"))}"'


def _page(scene: Scene, winner: Offer) -> int:
    token = scene.view.tokens[scene.candidates[winner.candidate].pieces[0][0]]
    return scene.view.document.pages[token.page].number


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
