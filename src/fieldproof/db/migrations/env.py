from alembic import context
from sqlalchemy import text

import fieldproof.db.models  # noqa: F401  (fills the metadata)
from fieldproof.db.model import Model

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Model.metadata,
    transaction_per_migration=True,
    include_name=lambda name, kind, _parents: not (kind == "table" and name and name.startswith("procrastinate_")),
)
with context.begin_transaction():
    # A migration that cannot get its lock soon gives way to the running release.
    connection.execute(text("SET lock_timeout = '10s'"))
    context.run_migrations()
