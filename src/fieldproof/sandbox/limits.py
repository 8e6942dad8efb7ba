"""What one child may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory_bytes`` is address space on top of what the preloaded program itself maps."""

    memory_bytes: int = 2_000_000_000
    cpu_s: int = 60
    wall_s: float = 120.0
    file_bytes: int = 512_000_000  # the largest file it may write
    output_bytes: int = 512_000_000  # the largest result
    open_files: int = 256
