# syntax=docker/dockerfile:1
# Any Node app of this repository, by its name:
#   docker build --build-arg APP=scoring -t vigia-scoring:0.1.0 .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${NODE_IMAGE} AS build
ARG APP
WORKDIR /app
COPY . .
RUN test -n "${APP}" && test -f "apps/${APP}/package.json" \
  || { echo "build argument APP names no app: one of $(ls apps)" >&2; exit 1; }
RUN npm ci --no-audit --no-fund && npx tsc --build "apps/${APP}"

# What the app needs to run, and no more: its packages, its own and its libraries' output.
RUN npm ci --omit=dev --workspace "@vigia/${APP}" --no-audit --no-fund \
  && rm -rf node_modules/.package-lock.json node_modules/typescript node_modules/onnxruntime-node/bin/napi-v*/win32 node_modules/onnxruntime-node/bin/napi-v*/darwin \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d ! -name "$(node -p process.arch)" -exec rm -r {} + \
  && find node_modules -type f \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
  && find libs apps -type f \( -name '*.spec.*' -o -name '*.fixture.*' -o -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' \) -delete \
  && find libs apps -mindepth 2 -maxdepth 2 \( -name src -o -name samples -o -name fixtures -o -name tsconfig.json -o -name jest.config.cjs \) -exec rm -r {} + \
  && mkdir /out /out/apps /out/libs \
  && cp -r "apps/${APP}" /out/apps/ \
  && for link in node_modules/@vigia/*; do case "$(readlink "${link}")" in ../../libs/*) cp -r "libs/$(basename "${link}")" /out/libs/ ;; esac; done \
  && cp -r node_modules package.json LICENSE /out/

FROM ${BASE_IMAGE}
ARG APP
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="vigia-${APP}" \
  org.opencontainers.image.description="Vigia: real-time Pix payment-fraud decisions" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.licenses="Apache-2.0"
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libstdc++6 tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* \
  && groupadd --gid 10001 vigia && useradd --uid 10001 --gid 10001 --home-dir /tmp --shell /usr/sbin/nologin vigia
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /out /app
# Nothing below /app is written: settings name the directories that are.
WORKDIR /app
ENV NODE_ENV=production PORT=3000 GRPC_PORT=4000 APP=${APP}
USER 10001:10001
EXPOSE 3000 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["sh", "-c", "exec node apps/${APP}/dist/main.js"]
