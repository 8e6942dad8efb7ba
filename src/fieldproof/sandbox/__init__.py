"""Untrusted work in a child process that cannot hurt: limited, without network, thrown away afterwards.

``Sandbox.run(function, *args)`` calls a function of an importable module in a fresh child and returns
the bytes it returned. What the child says is never unpickled; whatever becomes of it, the caller gets
bytes or a FieldproofError.
"""

from fieldproof.sandbox.limits import Limits
from fieldproof.sandbox.runner import Sandbox

__all__ = ["Limits", "Sandbox"]
