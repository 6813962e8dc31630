# The proxy for several machines: built from source, then nothing but the program and the libraries that it needs, for a user
# without rights and a root that can be read only. docs/operator-guide.md says how it is run.
#
#	docker build -t headroom .
#	docker run --read-only --cap-drop ALL -p 8787:8787 -e HEADROOM_PROXY_TOKEN headroom
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
# For a build that has a cache: "ccache", and CC="ccache gcc".
ARG BUILD_TOOLS=
ARG CC=gcc
# Where npm is answered by somebody else than the registry: certificates, as PEM, that are there (--volume).
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /src
COPY deps deps
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends ca-certificates ${BUILD_TOOLS} && deps/install.sh build
COPY . .
RUN make -j"$(nproc)" CC="${CC}" build/release/headroom && strip -o /headroom build/release/headroom

FROM ${BASE}
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends ca-certificates libbrotli1 libcjson1 libcurl4 libevent-2.1-7 \
	libevent-pthreads-2.1-7 libhiredis0.14 libpcre2-8-0 libsqlite3-0 libssl3 libzstd1 zlib1g && rm -rf /var/lib/apt/lists/* && \
	install -d -o 65532 -g 65532 -m 700 /var/lib/headroom
COPY --from=build /headroom /usr/bin/headroom
# With --no-stateless: a volume there, for this user.
ENV HEADROOM_HOME=/var/lib/headroom
USER 65532:65532
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["headroom", "proxy", "status"]
ENTRYPOINT ["headroom"]
CMD ["proxy", "--host", "0.0.0.0", "--stateless", "--workers", "4", "--log-format", "json"]
