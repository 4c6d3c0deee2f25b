# The connector's image for Airbyte. `make image` builds it, `make image-test` tests it.
# Any base image with Python 3.10 to 3.13, pip and venv works: --build-arg BASE_IMAGE=...
#
# The image adds about 59 MB to its base, in three layers: 44 for the dependencies and 14 for their
# bytecode, which change with requirements/ and the base image, and 2 for the connector.
# requirements/not-in-image.txt lists the dependencies of the CDK that it leaves out.
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.0.2@sha256:9fdb1888c4264cf6fee473649ecb593f56f58e5d0096a87ee0b231777e2e3e73

FROM ${BASE_IMAGE} AS dependencies
# hadolint ignore=DL3002
USER 0
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

# The exported requirements are complete and hashed, so pip resolves nothing. With --no-compile,
# only what is imported has bytecode, see below. (PIP_NO_COMPILE=1 makes pip compile everything.)
COPY requirements/runtime.txt requirements/not-in-image.txt requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --require-hashes --no-deps \
        --only-binary :all: --no-compile -r requirements/runtime.txt \
    && python -m pip --python /opt/venv/bin/python uninstall --yes -r requirements/not-in-image.txt

# At run time the connector can't write bytecode, so everything it imports, including the standard
# library, is compiled here; compiling at each start would take seconds. These two import nearly all
# of it. No file of the connector takes part, so no change of the connector changes this layer.
RUN PYTHONPYCACHEPREFIX=/opt/bytecode \
    /opt/venv/bin/python -c 'import airbyte_cdk.entrypoint, pendulum'

FROM dependencies AS connector
# poetry-core builds the wheel. Its hash is in the dev requirements; it stays in this stage.
COPY requirements/dev.txt requirements/
RUN sed -n '/^poetry-core==/,/[^\\]$/p' requirements/dev.txt > requirements/build.txt \
    && python -m venv build-venv \
    && build-venv/bin/python -m pip install --require-hashes --no-deps -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY source_confluence/ source_confluence/
RUN build-venv/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && touch dependencies-end \
    && python -m pip --python /opt/venv/bin/python install --no-deps --no-compile dist/*.whl

# The connector's layer is every file that is newer than the dependencies: its package and commands,
# their bytecode, and that of the few modules which only it imports.
ENV PYTHONPYCACHEPREFIX=/opt/bytecode
RUN /opt/venv/bin/source-confluence spec \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib/python*/site-packages/source_confluence \
    && find /opt -type f -newer dependencies-end > added.txt \
    && tar -cf added.tar -T added.txt \
    && mkdir added \
    && tar -xf added.tar -C added

FROM ${BASE_IMAGE}
WORKDIR /airbyte
# The CDK creates a temporary folder, which we don't use. With --read-only, /dev/shm is the only
# location that needs no volume.
ENV PATH=/opt/venv/bin:$PATH PYTHONPYCACHEPREFIX=/opt/bytecode TMPDIR=/dev/shm
# Airbyte's own user, as a number so that a platform can verify that it isn't root.
USER 1000:1000
# The command that Airbyte starts on Kubernetes, wrapped in a shell.
ENV AIRBYTE_ENTRYPOINT=/opt/venv/bin/source-confluence
ENTRYPOINT ["/opt/venv/bin/source-confluence"]
COPY --from=dependencies /opt/venv /opt/venv
COPY --from=dependencies /opt/bytecode /opt/bytecode
COPY --from=connector /build/added/ /
LABEL io.airbyte.version=2.0.0 \
      io.airbyte.name=airbyte/source-confluence
