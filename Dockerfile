# A small image: the wheels, nothing else. Runs as an ordinary user on a read-only root; data lives in /data, work in /tmp.
FROM python:3.11-slim AS build
COPY requirements/uv.txt requirements/run.txt /build/requirements/
RUN python -m venv /opt/fieldproof \
 && /opt/fieldproof/bin/pip install --no-cache-dir --require-hashes -r /build/requirements/uv.txt \
 && /opt/fieldproof/bin/uv pip install --no-cache --python /opt/fieldproof/bin/python --require-hashes -r /build/requirements/run.txt
COPY pyproject.toml README.md LICENSE /build/
COPY src /build/src
RUN /opt/fieldproof/bin/uv pip install --no-cache --python /opt/fieldproof/bin/python --no-deps /build \
 && /opt/fieldproof/bin/pip uninstall -y uv pip

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --home-dir /data fieldproof && mkdir /data && chown fieldproof /data
COPY --from=build /opt/fieldproof /opt/fieldproof
ENV PATH=/opt/fieldproof/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FIELDPROOF_DATA_DIR=/data FIELDPROOF_HOST=0.0.0.0 FIELDPROOF_LOG_FORMAT=json
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["fieldproof"]
CMD ["serve"]
