"""What is asked, in eleven kinds, several wordings each: words by how often documents hold them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from bench.search.texts import samples, vocabulary

LIST = "/api/v1/documents/get_documents"


@dataclass(frozen=True)
class Question:
    kind: str
    path: str  # with its query


def questions(n: int, workspace_id: int) -> list[Question]:
    words = vocabulary()
    some = [s for s in samples(0, 10_000)[:400] if s.status == "processed"]
    texts = [s.pages[0].split() for s in some]
    last = max(1, n // 10)
    asked = {
        "page 1": [{}],
        "page 1,000": [{"page": min(1_000, last)}],
        "page 5,000": [{"page": min(5_000, last)}],
        "status filter": [
            {"status_filter": "failed"},
            {"status_filter": "completed"},
            {"status_filter": "failed", "page": 50},
        ],
        "common word": [{"search": f"{words[rank]} "[:-1] + " " + words[rank + 1]} for rank in (12, 20, 30)]
        + [{"search": words[rank]} for rank in (20, 40, 80, 120, 200)],
        "common word and status": [{"search": words[rank], "status_filter": "completed"} for rank in (20, 60, 150)],
        "rare word": [{"search": words[rank]} for rank in range(20_000, 60_000, 5_000)],
        "phrase": [{"search": f'"{" ".join(t[k : k + 3])}"'} for k, t in enumerate(texts[:5], start=8)]
        + [{"search": f'"{" ".join(t[k : k + 2])}"'} for k, t in enumerate(texts[5:10], start=8)],
        "prefix": [{"search": words[rank][:4]} for rank in (700, 1_900, 5_100, 9_000, 15_000, 30_000)],
        "file name substring": [{"search": part} for part in ("lease", "rent roll", "042", "12345", ".PNG", "act 00")],
    }
    made = [Question(kind, f"{LIST}?{urlencode(each)}") for kind, all_ in asked.items() for each in all_]
    values = (
        "total > 5000", 'total > 5000 and vendor ~ "acme" and due < 2026-01-01', 'vendor ~ "glob"', "due >= 2026-12-01",
        f'number = "{some[3].reference}"',
    )  # fmt: skip
    path = f"/v1/workspaces/{workspace_id}/values"
    return made + [Question("value query", f"{path}?{urlencode({'q': q, 'limit': 10})}") for q in values]
