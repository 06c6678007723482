# The NorthStar image; docs/deploy.md describes how to run it. It writes to /data only, so the root file
# system can be read-only, with a tmpfs at /tmp for the history of a demo.

# The small plotly.js and the font, verified against their checksums.
FROM node:22-slim AS fetched
WORKDIR /build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
COPY tools/fetch-plotly.sh tools/fetch-font.sh tools/
COPY requirements-font.txt ./
COPY northstar/web/files/vendor/*.sha512 northstar/web/files/vendor/
RUN sh tools/fetch-plotly.sh && sh tools/fetch-font.sh

# The wheel, with both in it.
FROM python:3.13-slim AS wheel
WORKDIR /build
COPY requirements-build.txt ./
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY assets assets
COPY northstar northstar
COPY --from=fetched /build/northstar/web/files/vendor northstar/web/files/vendor
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist .

# An environment without pip, which stays in this stage.
FROM python:3.13-slim AS build
RUN python -m venv --without-pip /opt/northstar
WORKDIR /build
COPY requirements.txt ./
RUN python -m pip --python /opt/northstar/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt
COPY --from=wheel /build/dist dist
RUN python -m pip --python /opt/northstar/bin/python install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:3.13-slim
RUN groupadd --gid 10001 northstar \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /data --shell /usr/sbin/nologin northstar \
    && install -d -o 10001 -g 10001 -m 700 /data
COPY --from=build /opt/northstar /opt/northstar
ENV PATH=/opt/northstar/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NORTHSTAR_HOST=0.0.0.0 \
    NORTHSTAR_PORT=8050 \
    NORTHSTAR_DB=/data/northstar.db
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"NORTHSTAR_PORT\"]}/healthz', timeout=4)"]
# The program itself, without a shell, so that it receives SIGTERM.
ENTRYPOINT ["northstar"]
