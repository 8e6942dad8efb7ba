"""Whose rows a search may see, as a condition on ``search_entries``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """One workspace's documents (``user_id`` None), or one user's deposits in some workspaces; never no workspace."""

    workspace_ids: tuple[int, ...]
    user_id: int | None = None

    @property
    def condition(self) -> str:
        if self.user_id is None:
            return "e.workspace_id = %(workspace_id)s AND e.is_first"
        return "e.user_id = %(user_id)s AND e.workspace_id = ANY(%(workspace_ids)s)"

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "workspace_ids": list(self.workspace_ids), "workspace_id": self.workspace_ids[0], "user_id": self.user_id,
            "counted": self.user_id or 0,
        }  # fmt: skip
