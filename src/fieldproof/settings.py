"""Every setting, in one class. Nothing else reads the environment."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict


class Settings(BaseSettings):
    """Read from ``FIELDPROOF_*`` variables; a value may also stand in the file that ``FIELDPROOF_*_FILE`` names."""

    model_config = SettingsConfigDict(env_prefix="FIELDPROOF_", extra="ignore")

    # Where things are
    data_dir: Path = Field(
        Path("var"), description="Folder of the embedded database, the local files and the secret key."
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL 14 or newer, postgresql://user:password@host/name. Empty: an embedded one in data_dir.",
    )
    storage_url: str | None = Field(
        None, description="Where files are kept: file:///path, s3://, gs://, az://. Empty: data_dir/blobs."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Signs links and sessions; at least 32 characters, the same on every machine. Empty: made once, kept in data_dir.",
    )

    # The server
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str | None = Field(
        None,
        description="Address that clients use, for links; https here turns on secure cookies. Empty: http://host:port.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        [], description="Comma-separated networks whose X-Forwarded-For is believed (such as 10.0.0.0/8)."
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Comma-separated origins that browsers may call the API from; * for any."
    )
    rate_limit_per_minute: int = Field(
        100, ge=0, description="API requests a minute for each client address; 0 turns the limit off."
    )
    rate_limit_url: str = Field(
        "memory://", description="Where the rate limit counts: memory:// (one process) or redis://host."
    )
    database_pool_size: int = Field(10, ge=1, description="Database connections that one process keeps.")

    # Limits
    max_upload_bytes: int = Field(100 * 1024 * 1024, ge=1, description="Largest file that is accepted.")
    max_body_bytes: int = Field(5 * 1024 * 1024, ge=1024, description="Largest JSON body that is accepted.")
    max_batch_files: int = Field(50, ge=1, description="Most files in one batch call.")
    upload_url_ttl_s: int = Field(300, ge=1, description="Lifetime of an upload link.")
    upload_key_ttl_s: int = Field(24 * 3600, ge=1, description="How long an uploaded file waits to be attached.")
    download_url_ttl_s: int = Field(600, ge=1, description="Lifetime of a download link.")
    invitation_ttl_days: int = Field(7, ge=1, description="Lifetime of an invitation.")

    # Work
    worker_concurrency: int = Field(2, ge=1, description="Documents that one worker handles at once.")
    worker_is_embedded: bool = Field(True, description="Whether serve runs a worker of its own.")
    parse_memory_bytes: int = Field(2_000_000_000, ge=100_000_000, description="Address space of one parsing child.")
    parse_cpu_s: int = Field(120, ge=1, description="Processor time of one parsing child.")
    parse_wall_s: int = Field(180, ge=1, description="Wall-clock time of one parsing child.")
    max_pages: int = Field(2_000, ge=1, description="Most pages of one document.")
    ocr: Literal["auto", "always", "never"] = Field(
        "auto", description="When page images are read: auto looks page by page."
    )
    max_attempts: int = Field(
        2, ge=1, description="Attempts at a document that breaks its child, before it is failed for good."
    )

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")

    @field_validator("trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ip_network(network, strict=False)
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("secret_key needs at least 32 characters")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FileSource(settings_cls)


class _FileSource(PydanticBaseSettingsSource):
    """``FIELDPROOF_SECRET_KEY_FILE=/run/secrets/key`` and the like, as containers hand secrets over."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        import os  # the only other reader of the environment, beside pydantic-settings itself

        path = os.environ.get(f"FIELDPROOF_{field_name.upper()}_FILE")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}
