"""Deferred work, on Procrastinate: enqueued in the caller's transaction, run by workers."""

from fieldproof.jobs.queue import PRIORITY_BATCH, PRIORITY_INTERACTIVE, QUEUES, TASKS, Jobs, Task

__all__ = ["PRIORITY_BATCH", "PRIORITY_INTERACTIVE", "QUEUES", "TASKS", "Jobs", "Task"]
