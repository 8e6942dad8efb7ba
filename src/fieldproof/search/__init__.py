"""Search: writing what documents are found by, and finding them. Visibility is the services' business."""

from fieldproof.search.counting import BLOCK, Counts, counts, page_ids
from fieldproof.search.index import add_entry, index_content
from fieldproof.search.matches import condition_for, matching
from fieldproof.search.scope import Scope
from fieldproof.search.text import fold, parse_query

__all__ = [
    "BLOCK", "Counts", "Scope", "add_entry", "condition_for", "counts", "fold", "index_content", "matching",
    "page_ids", "parse_query",
]  # fmt: skip
