# The API and its pages: no engine and no model client is installed here.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /srv

# A fixed number, so that the owner of the shared volume is the same in both images.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin invoices

# The lock alone first: the layer stays as long as the lock does.
COPY requirements-app.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-app.txt

COPY LICENSE ./
COPY config config
COPY service service
COPY invoice_extraction invoice_extraction
COPY app app
COPY samples/files samples/files
# The user below cannot write here, so the bytecode is made now.
RUN python -m compileall -q .

# A new volume takes over the owner of the folder it is mounted on. Uploads are spooled in TMPDIR:
# on the data disk, not in the container's own layer.
RUN mkdir -p /data/tmp && chown -R invoices:invoices /data && chmod 700 /data /data/tmp
ENV DATA_DIR=/data \
    TMPDIR=/data/tmp
VOLUME /data

USER invoices
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENV HOST=0.0.0.0 \
    PORT=8000
CMD ["python", "-m", "app"]
