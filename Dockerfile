# The connector as Airbyte runs it. `make image` builds it, `make image-test` tries it.
# Any base with Python 3.10 to 3.13, pip and venv will do: --build-arg BASE_IMAGE=...
#
# It adds some 265 MB to its base: 10 are the CDK, 2 are ours, 14 are bytecode, the rest is what the
# CDK depends on: numpy (64), pandas (40), grpc (19), cryptography (16), nltk (14), protobuf (13),
# rapidfuzz (12), pygments (10). A run of ours imports only cryptography of these, but the CDK
# declares them all, so they stay: an environment that lacks what it declares breaks with an update.
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.0.2@sha256:9fdb1888c4264cf6fee473649ecb593f56f58e5d0096a87ee0b231777e2e3e73

FROM ${BASE_IMAGE} AS builder
# hadolint ignore=DL3002
USER 0
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 \
    PIP_ROOT_USER_ACTION=ignore

# The dependencies change less often than the connector, so they come first. The exported
# requirements are complete: there is nothing to resolve, and nothing without a hash.
# Of what they bring, their own tests are left out: a sixth of the whole, most of it pandas'.
# (numpy.testing needs one module of those in numpy/_core.)
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --require-hashes --no-deps \
        --only-binary :all: -r requirements/runtime.txt \
    && find /opt/venv/lib -type d -name tests -not -path '*/numpy/_core/*' -prune -exec rm -r {} +

# poetry-core makes the wheel. It has its hash in the developers' requirements, and stays here.
COPY pyproject.toml README.md LICENSE ./
COPY source_confluence/ source_confluence/
RUN sed -n '/^poetry-core==/,/[^\\]$/p' requirements/dev.txt > requirements/build.txt \
    && python -m venv build-venv \
    && build-venv/bin/python -m pip install --require-hashes --no-deps -r requirements/build.txt \
    && build-venv/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/venv/bin/python install --no-deps dist/*.whl

# The connector may write nothing where it runs, so what it imports, of Python's own modules too, is
# compiled here: doing that at each start would take seconds. The rest, nine tenths, is not.
ENV PYTHONPYCACHEPREFIX=/opt/bytecode
RUN /opt/venv/bin/source-confluence spec \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib/python*/site-packages/source_confluence

FROM ${BASE_IMAGE}
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/bytecode /opt/bytecode
# The CDK makes a temporary folder in which we keep nothing. With --read-only, /dev/shm is the only
# place for it that needs no volume.
ENV PATH=/opt/venv/bin:$PATH PYTHONPYCACHEPREFIX=/opt/bytecode TMPDIR=/dev/shm
WORKDIR /airbyte
# A number, so that a platform can see that it is not root. It is Airbyte's own user.
USER 1000:1000
# What Airbyte starts on Kubernetes, where it puts a shell around it.
ENV AIRBYTE_ENTRYPOINT=/opt/venv/bin/source-confluence
ENTRYPOINT ["/opt/venv/bin/source-confluence"]
LABEL io.airbyte.version=0.1.0 \
      io.airbyte.name=airbyte/source-confluence
