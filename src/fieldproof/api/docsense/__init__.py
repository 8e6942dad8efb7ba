"""The DocSense surface: three operations, one envelope."""

from fieldproof.api.docsense import contract

__all__ = ["contract"]
