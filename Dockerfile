FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /venv && /venv/bin/pip install --quiet uv
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY assistant assistant
COPY tools tools
COPY evals evals
COPY prompts prompts
# The lock holds the development tools too: as constraints it pins and hash-checks only what the package itself needs.
RUN VIRTUAL_ENV=/venv /venv/bin/uv pip install --constraints requirements.lock . && /venv/bin/pip uninstall --quiet -y uv

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home assistant && mkdir /data && chown assistant /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LANGGRAPH_STRICT_MSGPACK=true \
    LANGSMITH_TRACING=false \
    DATABASE__URL=sqlite+aiosqlite:////data/assistant.sqlite
USER 10001
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["infra-assistant"]
CMD ["serve"]
