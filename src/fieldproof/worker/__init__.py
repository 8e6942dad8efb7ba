"""The worker: takes jobs, computes in the sandbox, writes the outcome. Task name → one service call."""

from fieldproof.worker.runner import Runner

__all__ = ["Runner"]
