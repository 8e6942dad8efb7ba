"""Every setting, in one class. Nothing else reads the environment."""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
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
    database_replica_url: SecretStr | None = Field(
        None, description="A streaming replica of that database, for lists and search. Empty: the database answers all."
    )
    database_replica_wait_ms: int = Field(
        100,
        ge=0,
        description="How long a list waits for the replica to have what the database has; then the database answers.",
    )
    storage_url: str | None = Field(
        None, description="Where files are kept: file:///path, s3://, gs://, az://. Empty: data_dir/blobs."
    )
    storage_endpoint: str | None = Field(
        None,
        description="Address of an S3-compatible server, such as https://s3.example.org. Empty: the provider's own.",
    )
    storage_public_url: str | None = Field(
        None, description="Address by which clients reach the storage endpoint, where it is another."
    )
    storage_region: str = Field("us-east-1", description="Region of the bucket.")
    storage_is_path_style: bool = Field(
        True, description="Whether the bucket stands in the path of an address instead of its host."
    )
    storage_allow_http: bool = Field(False, description="Whether storage_endpoint may be an http address.")
    storage_access_key: str | None = Field(
        None, description="S3: the access key; Azure: the account. Empty: the machine's own role or AWS_* variables."
    )
    storage_secret_key: SecretStr | None = Field(
        None, description="S3: the secret key; Azure: the account's key; Google: the service account's JSON."
    )
    storage_is_direct: bool = Field(
        True,
        description="Whether clients send files straight to the bucket and fetch them there (needs storage_secret_key); else all bytes go through this server.",
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
    workspace_concurrency: int = Field(
        0, ge=0, description="Jobs of one workspace and queue that run at once, over all workers; 0 for no cap."
    )
    part_pages: int = Field(
        100,
        ge=0,
        description="Longer documents are read in parts of at most so many pages (of scans a tenth), by any workers; 0: never.",
    )
    max_pages: int = Field(2_000, ge=1, description="Most pages of one document.")
    ocr: Literal["auto", "always", "never"] = Field(
        "auto", description="When page images are read: auto looks page by page."
    )
    max_attempts: int = Field(
        2, ge=1, description="Attempts at a document that breaks its child, before it is failed for good."
    )

    # Language models
    llm_provider: Literal["openai", "anthropic", "gemini", "ollama", "vllm", "openai-compatible"] | None = Field(
        None, description="Protocol of the language model for templates whose engine is llm. Empty: none is offered."
    )
    llm_model: str | None = Field(None, description="Name of the model, as its server knows it.")
    llm_base_url: str | None = Field(
        None, description="Address of the model's server. Empty: the provider's own (ollama and vllm: this machine)."
    )
    llm_api_key: SecretStr | None = Field(None, description="Key for the model's server; sent to llm_base_url only.")
    llm_models: Annotated[list[str], NoDecode] = Field(
        [], description="Comma-separated models that a template may name beside llm_model (llm:<model>); * for any."
    )
    llm_prices: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="What a million tokens cost, input/output, by model: gpt-a=0.25/2.00,gpt-b=3/15. Needed for a cost limit.",
    )
    llm_constraint: Literal["schema", "json", "prompt"] = Field(
        "schema", description="How answers are held to their form; json or prompt for servers that take no JSON Schema."
    )
    llm_temperature: float | None = Field(None, ge=0, le=2, description="Temperature. Empty: the model's own.")
    llm_timeout_s: float = Field(60, gt=0, description="Longest time for one call of the model.")
    llm_run_timeout_s: float = Field(900, gt=0, description="Longest time for all calls of one run.")
    llm_concurrency: int = Field(4, ge=1, le=64, description="Calls of one run at the same time.")
    llm_max_output_tokens: int = Field(8_192, ge=256, description="Most tokens of one answer.")
    llm_max_document_tokens: int = Field(
        24_000,
        ge=500,
        description="Most tokens of document text in one call; longer documents are searched for passages.",
    )
    llm_max_fields_per_call: int = Field(25, ge=1, le=200, description="Wider schemas are asked in several calls.")
    llm_max_calls_per_run: int = Field(400, ge=1, description="Calls after which a run is stopped.")
    llm_monthly_tokens: int = Field(
        20_000_000, ge=0, description="Tokens that one workspace may use in a calendar month (UTC); 0 for no limit."
    )
    llm_monthly_pages: int = Field(0, ge=0, description="Pages that one workspace may send in a month; 0 for no limit.")
    llm_monthly_cost: Decimal = Field(
        Decimal(0),
        ge=0,
        description="Money that one workspace may spend in a month, in the unit of llm_prices; 0 for no limit.",
    )

    # Going out
    egress_networks: Annotated[list[str], NoDecode] = Field(
        [],
        description="Comma-separated private networks that webhooks and imports may reach (such as 10.1.0.0/16); public ones always.",
    )
    import_timeout_s: float = Field(30.0, gt=0, description="How long an import from an address may take.")
    webhook_timeout_s: float = Field(20.0, gt=0, description="How long a webhook's receiver may take to answer.")

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    otlp_url: str | None = Field(
        None, description="Where traces go, OTLP over HTTP, such as http://collector:4318/v1/traces. Empty: no traces."
    )
    otlp_share: float = Field(1.0, ge=0, le=1, description="Share of requests that are traced.")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Port on which a worker shows its own /metrics, at host. Empty: nowhere."
    )
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")

    @field_validator("trusted_proxies", "cors_origins", "egress_networks", "llm_models", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("trusted_proxies", "egress_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ip_network(network, strict=False)
        return value

    @field_validator("llm_prices", mode="before")
    @classmethod
    def _prices(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.rpartition("=") for part in value.split(",") if part.strip()]
        return {model.strip(): price.strip() for model, _, price in pairs}

    @field_validator("llm_prices")
    @classmethod
    def _price_pairs(cls, value: dict[str, str]) -> dict[str, str]:
        for model, price in value.items():
            if not model or not re.fullmatch(r"\d+(\.\d+)?/\d+(\.\d+)?", price):
                raise ValueError("llm_prices must look like model=0.25/2.00, input before output")
        return value

    @model_validator(mode="after")
    def _whole_model(self) -> Self:
        """A model that is half configured is found at the start, not by the first run."""
        if (self.llm_provider is None) != (self.llm_model is None):
            raise ValueError("llm_provider and llm_model go together")
        if self.llm_provider == "openai-compatible" and not self.llm_base_url:
            raise ValueError("llm_provider openai-compatible needs llm_base_url")
        if self.llm_provider in ("openai", "anthropic", "gemini") and not (self.llm_api_key or self.llm_base_url):
            raise ValueError(f"llm_provider {self.llm_provider} needs llm_api_key")
        if self.llm_model and self.llm_monthly_cost and self.llm_model not in self.llm_prices:
            raise ValueError(f"llm_monthly_cost needs the price of {self.llm_model} in llm_prices")
        return self

    @model_validator(mode="after")
    def _safe_storage(self) -> Self:
        for name in ("storage_endpoint", "storage_public_url"):
            address = getattr(self, name) or "https://"
            if not address.startswith(("http://", "https://")):
                raise ValueError(f"{name} must begin with https:// or http://")
            if address.startswith("http://") and not self.storage_allow_http:
                raise ValueError(f"{name} is an http address: set storage_allow_http if it is meant")
        return self

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
