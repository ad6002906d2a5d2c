# A static program in an empty image: no shell, no package manager, no root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
# timetzdata: zones are decided by the program, not by whatever the image ships.
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w -X main.version=$VERSION" -o /out/gatewayd ./cmd/gatewayd \
 && mkdir -p /out/var/lib/gatewayd /out/run/gatewayd /out/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/

FROM scratch
COPY --from=build --chown=65532:65532 /out/var/lib/gatewayd /var/lib/gatewayd
COPY --from=build --chown=65532:65532 /out/run/gatewayd /run/gatewayd
COPY --from=build /out/etc/ssl /etc/ssl
COPY --from=build /out/gatewayd /usr/bin/gatewayd
USER 65532:65532
VOLUME /var/lib/gatewayd
EXPOSE 8443 9464
# The operator's listener answers the check; it is loopback inside the container.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/usr/bin/gatewayd", "health"]
ENTRYPOINT ["/usr/bin/gatewayd"]
CMD ["run"]
