# A static program in an empty image: no shell, no package manager, no root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
# timetzdata: zones are decided by the program, not by whatever the image ships.
# gatewayd-pkcs11 is not in it: it loads a vendor's library, for which this image has no loader.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -ldflags "-s -w -X main.version=$VERSION" \
      -o /out/root/usr/bin/gatewayd ./cmd/gatewayd \
 && mkdir -p /out/root/etc/ssl/certs /out/root/etc/gatewayd \
 && cp /etc/ssl/certs/ca-certificates.crt /out/root/etc/ssl/certs/ \
 && mkdir -p /out/state/var/lib/gatewayd /out/state/run/gatewayd /out/state/tmp \
 && chmod 0700 /out/state/var/lib/gatewayd /out/state/run/gatewayd \
 && chmod 1777 /out/state/tmp \
 && mkdir -p /out/root/usr/share/doc/gatewayd \
 && scripts/licences > /out/root/usr/share/doc/gatewayd/copyright

FROM scratch
COPY --from=build /out/root/ /
COPY --from=build --chown=65532:65532 /out/state/ /
USER 65532:65532
VOLUME /var/lib/gatewayd
EXPOSE 8080
# The operator's listener answers the check; it is loopback inside the container.
HEALTHCHECK --interval=10s --timeout=6s --start-period=15s CMD ["/usr/bin/gatewayd", "health"]
ENTRYPOINT ["/usr/bin/gatewayd"]
CMD ["run"]
