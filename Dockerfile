# The connector as Airbyte runs it. `make image` builds it, `make image-test` tries it.
# Any base with Python 3.10 to 3.13, pip and venv will do: --build-arg BASE_IMAGE=...
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.1.1@sha256:a268b44c733ae699a60f5fbc06a324945dba98945c6e2ab7f8609f2f895b0d28

FROM ${BASE_IMAGE} AS builder
USER 0
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_ROOT_USER_ACTION=ignore

# The dependencies change less often than the connector, so they come first. The exported
# requirements are complete: there is nothing to resolve, and nothing without a hash.
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --require-hashes --no-deps \
        --only-binary :all: -r requirements/runtime.txt

# poetry-core makes the wheel. It has its hash in the developers' requirements, and stays here.
COPY pyproject.toml README.md LICENSE ./
COPY source_confluence/ source_confluence/
RUN sed -n '/^poetry-core==/,/[^\\]$/p' requirements/dev.txt > requirements/build.txt \
    && python -m venv --system-site-packages /build/venv \
    && venv/bin/python -m pip install --require-hashes --no-deps -r requirements/build.txt \
    && venv/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/venv/bin/python install --no-deps dist/*.whl

# Compiled here, because the connector runs without the right to write: compiling at each start would
# take seconds. Unchecked, because a copied layer may not keep the times that Python compares.
RUN /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

FROM ${BASE_IMAGE}
COPY --from=builder /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /airbyte
# A number, so that a platform can see that it is not root. It is Airbyte's own user.
USER 1000:1000
# What Airbyte starts on Kubernetes, where it puts a shell around it.
ENV AIRBYTE_ENTRYPOINT=/opt/venv/bin/source-confluence
ENTRYPOINT ["/opt/venv/bin/source-confluence"]
LABEL io.airbyte.version=0.1.0 \
      io.airbyte.name=airbyte/source-confluence
