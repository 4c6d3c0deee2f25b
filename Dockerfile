# The connector's image for Airbyte. `make image` builds it, `make image-test` tests it.
# Any base image with Python 3.10 to 3.13, pip and venv works: --build-arg BASE_IMAGE=...
#
# The image adds about 265 MB to its base: 10 for the CDK, 2 for the connector, 14 for bytecode and
# the rest for the CDK's dependencies: numpy (64), pandas (40), grpc (19), cryptography (16),
# nltk (14), protobuf (13), rapidfuzz (12), pygments (10). The connector imports only cryptography,
# but all of them stay: without a declared dependency, a CDK update could break the image.
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.0.2@sha256:9fdb1888c4264cf6fee473649ecb593f56f58e5d0096a87ee0b231777e2e3e73

FROM ${BASE_IMAGE} AS builder
# hadolint ignore=DL3002
USER 0
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 \
    PIP_ROOT_USER_ACTION=ignore

# Dependencies change less often than the connector, so they come first for the layer cache. The
# exported requirements are complete and hashed, so pip resolves nothing.
# The packages' own tests are removed; they are a sixth of the total, most of it from pandas.
# (numpy.testing needs a module in numpy/_core/tests.)
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --require-hashes --no-deps \
        --only-binary :all: -r requirements/runtime.txt \
    && find /opt/venv/lib -type d -name tests -not -path '*/numpy/_core/*' -prune -exec rm -r {} +

# poetry-core builds the wheel. Its hash is in the dev requirements; it stays in this stage.
COPY pyproject.toml README.md LICENSE ./
COPY source_confluence/ source_confluence/
RUN sed -n '/^poetry-core==/,/[^\\]$/p' requirements/dev.txt > requirements/build.txt \
    && python -m venv build-venv \
    && build-venv/bin/python -m pip install --require-hashes --no-deps -r requirements/build.txt \
    && build-venv/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/venv/bin/python install --no-deps dist/*.whl

# At run time the connector can't write bytecode, so everything it imports, including the standard
# library, is compiled here; compiling at each start would take seconds. The other 90 % of the
# modules stay uncompiled.
ENV PYTHONPYCACHEPREFIX=/opt/bytecode
RUN /opt/venv/bin/source-confluence spec \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib/python*/site-packages/source_confluence

FROM ${BASE_IMAGE}
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/bytecode /opt/bytecode
# The CDK creates a temporary folder, which we don't use. With --read-only, /dev/shm is the only
# location that needs no volume.
ENV PATH=/opt/venv/bin:$PATH PYTHONPYCACHEPREFIX=/opt/bytecode TMPDIR=/dev/shm
WORKDIR /airbyte
# Airbyte's own user, as a number so that a platform can verify that it isn't root.
USER 1000:1000
# The command that Airbyte starts on Kubernetes, wrapped in a shell.
ENV AIRBYTE_ENTRYPOINT=/opt/venv/bin/source-confluence
ENTRYPOINT ["/opt/venv/bin/source-confluence"]
LABEL io.airbyte.version=2.0.0 \
      io.airbyte.name=airbyte/source-confluence
