# gatewayd: make demo needs Go and make; make test installs its peers as root, or says what to install.

GO ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
export CGO_ENABLED ?= 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: build demo test test-without-peers check bench fuzz man clean

build:
	$(GO) build -trimpath -tags timetzdata -ldflags '$(LDFLAGS)' -o bin/gatewayd ./cmd/gatewayd

demo: build
	bin/gatewayd demo

test: setup check run-tests

test-without-peers: check run-tests

.PHONY: setup run-tests
setup:
	@scripts/test-setup

# The race detector needs cgo. The report ends with what was skipped and why.
run-tests:
	@CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout 14m -json ./... | $(GO) run ./internal/testreport

check:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'gofmt: run gofmt -w .'; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

bench: build
	$(GO) test -run '^$$' -bench . -benchtime 1s ./xmltree/... ./signature ./store/bolt
	$(GO) run ./internal/bench -gatewayd bin/gatewayd

# A longer run of every fuzz target: make fuzz FUZZTIME=10m
FUZZTIME ?= 30s
fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; \
	  done; \
	done

clean:
	rm -rf bin
