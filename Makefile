# make demo needs Go and make, nothing else. make test installs the tests' peers when it is root, or
# says what to install.

GO ?= go
export CGO_ENABLED ?= 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: build build-pkcs11 demo test test-without-peers setup check run-tests docs bench faults fuzz install clean

# timetzdata: the zones of the railways are decided by the program, not by the machine.
build:
	@$(GO) build -trimpath -buildvcs=false -tags timetzdata -ldflags '$(LDFLAGS)' -o bin/gatewayd ./cmd/gatewayd

# The program for keys in PKCS #11 tokens loads the vendor's library and so needs cgo and a C compiler.
build-pkcs11:
	@CGO_ENABLED=1 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/gatewayd-pkcs11 ./cmd/gatewayd-pkcs11

demo: build
	@bin/gatewayd demo

# What CI runs, the same here and there. Its last lines say what was skipped and why.
test: setup test-without-peers

# The order is kept with make -j too: mistakes that show at once come first.
test-without-peers:
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory run-tests

setup:
	@scripts/test-setup

STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
SKIPPED := bin/skipped

check:
	@unformatted=$$(gofmt -l .) || exit 1; [ -z "$$unformatted" ] || { echo "gofmt -w $$unformatted"; exit 1; }
	$(GO) vet ./...
	GO='$(GO)' SKIPPED=$(SKIPPED) scripts/staticcheck

export STATICCHECK

# The race detector needs cgo and a C compiler. Where there is none, the report says so.
PACKAGES ?= ./...
run-tests:
	@export CGO_ENABLED=1 race=-race; \
	command -v "$${CC:-gcc}" >/dev/null || { \
	  CGO_ENABLED=0 race=; mkdir -p bin; echo "the race detector: there is no C compiler" >>$(SKIPPED); }; \
	$(GO) run ./internal/testreport -also-skipped $(SKIPPED) -- $$race -shuffle=on -p 2 -timeout 10m $(PACKAGES)

# The pages that are made from the program.
docs:
	$(GO) test ./cmd/gatewayd -run '^TestManual$$' -update
	$(GO) test ./schema -run '^TestReasonsPage$$' -update

# About three minutes; make bench FULL=1 takes hours. docs/benchmarks.md says what the tables mean.
FULL ?=
bench: build
	$(GO) run ./internal/verifierbench $(if $(FULL),,-time 100ms -rounds 3)
	$(GO) run ./internal/bench -gatewayd bin/gatewayd $(if $(FULL),-full,-rounds 1)
	$(GO) run ./internal/recoverybench -gatewayd bin/gatewayd $(if $(FULL),,-messages 100000 -starts 3 -drain 20s)
	$(if $(FULL),$(GO) test -run '^$$' -bench . -benchtime 1s ./xmltree/... ./signature/... ./revocation ./store/bolt)

# The real daemon, and everything around it fails. About ten minutes: six seeds, in which everything
# happens that can be had on this machine; make faults FOR=1h goes on for longer. make faults SEED=7 runs
# one again, and NEMESIS=kill,power-cut lets only these happen. Some need root, strace or rabbitmq-server.
SEED ?= 0
FOR ?= 0
NEMESIS ?=
faults:
	@$(GO) run ./internal/faults/faultrun -seed '$(SEED)' -for '$(FOR)' -nemesis '$(NEMESIS)'

# A longer run of every fuzz target: make fuzz FUZZTIME=10m
FUZZTIME ?= 30s
fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; \
	  done; \
	done

# For packagers and for docs/operator.md: make install DESTDIR=… PREFIX=…
PREFIX ?= /usr
install: build
	install -D -m 0755 bin/gatewayd '$(DESTDIR)$(PREFIX)/bin/gatewayd'
	install -D -m 0644 docs/man/gatewayd.1 '$(DESTDIR)$(PREFIX)/share/man/man1/gatewayd.1'
	install -D -m 0644 deploy/gatewayd.service '$(DESTDIR)$(PREFIX)/lib/systemd/system/gatewayd.service'
	install -d '$(DESTDIR)$(PREFIX)/share/bash-completion/completions'
	bin/gatewayd completion bash > '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/gatewayd'
	install -d '$(DESTDIR)$(PREFIX)/share/doc/gatewayd'
	GO='$(GO)' scripts/licences > '$(DESTDIR)$(PREFIX)/share/doc/gatewayd/copyright'

clean:
	rm -rf bin
