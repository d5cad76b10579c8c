# A small image: dependencies pinned with hashes, no build tools. It runs as an unprivileged user and writes to /data only,
# so its root file system can be read-only (compose.yaml does that).
#
#     docker build -t saycode .

FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements-alerts.txt requirements-build.txt ./
# What runs has neither pip nor a build backend: pip installs into it from outside. So the extra `alerts` is in it, and a
# library pins pip for a command of its own that Saycode does not have.
RUN python -m venv --without-pip /opt/saycode \
    && pip --python /opt/saycode/bin/python install --require-hashes --requirement requirements-alerts.txt \
    && pip --python /opt/saycode/bin/python uninstall --yes pip \
    && pip install --require-hashes --requirement requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY verification verification
COPY twiml twiml
COPY webhooks webhooks
COPY twilio_simulator twilio_simulator
COPY saycode saycode
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheels . \
    && pip --python /opt/saycode/bin/python install --no-deps /tmp/wheels/saycode-*.whl

FROM python:3.13-slim-trixie
COPY --from=build /opt/saycode /opt/saycode
RUN pip uninstall --yes pip \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
ENV PATH=/opt/saycode/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SAYCODE_DATABASE_URL=sqlite:////data/saycode.db
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
ENTRYPOINT ["saycode"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
