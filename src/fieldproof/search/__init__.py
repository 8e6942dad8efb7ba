"""Search: writing what documents are found by, and finding them. Visibility is the services' business."""

from fieldproof.search.counting import BLOCK, Counts, counts, counts_by_kind, ids_before, page_ids
from fieldproof.search.index import add_entry, index_content
from fieldproof.search.listing import Listing, facets, list_ids, ranked
from fieldproof.search.matches import condition_for, matching
from fieldproof.search.scope import Scope
from fieldproof.search.snippets import Snippet, best_place, places_in
from fieldproof.search.text import Query, fold, parse_query
from fieldproof.search.valuequery import Expression, parse_value_query
from fieldproof.search.values import Hit, hits_in, index_result, runs_matching

__all__ = [
    "BLOCK",
    "Counts",
    "Expression",
    "Hit",
    "Listing",
    "Query",
    "Scope",
    "Snippet",
    "add_entry",
    "best_place",
    "condition_for",
    "counts",
    "counts_by_kind",
    "facets",
    "fold",
    "hits_in",
    "ids_before",
    "index_content",
    "index_result",
    "list_ids",
    "matching",
    "page_ids",
    "parse_query",
    "parse_value_query",
    "places_in",
    "ranked",
    "runs_matching",
]  # fmt: skip
