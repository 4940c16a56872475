# What there is to do here. `make` alone says it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 30s
BENCH ?= .
BENCHTIME ?= 1s

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/verdict, static
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o bin/verdict ./cmd/verdict

.PHONY: demo
demo: ## Run everything in one process, with sample events (nothing to install)
	go run ./cmd/verdict demo

.PHONY: test
test: ## Run the tests that need nothing but Go (three to five minutes on two cores)
	go test ./...

.PHONY: race
race: ## The same with the race detector, without what one goroutine does
	go test -race -short ./...

.PHONY: lint
lint: ## Run the pinned linters
	.ci/lint

.PHONY: vuln
vuln: ## Look for known vulnerabilities
	.ci/vuln

.PHONY: e2e
e2e: ## Run the tests on a real Kafka and a real registry, which it installs and starts (Java 17, Maven, Python 3)
	.ci/e2e

EVENTS ?= 1000000
SEED ?= 1
.PHONY: agree
agree: ## Compare decisions with a second mapping and story: every code, EVENTS (1000000) random ones of SEED (1)
	.ci/agree.py --events $(EVENTS) --seed $(SEED)

.PHONY: preview
preview: ## Compare the counts of verdict diff with a second count, over EVENTS (1000000) random ones of SEED (1)
	.ci/diff.py --events $(EVENTS) --seed $(SEED)

.PHONY: schedules
schedules: ## Count what comes of EVENTS (1000000) deliveries by the providers' schedules, of SEED (1) (as for e2e)
	.ci/schedules --events $(EVENTS) --seed $(SEED)

RELOADS ?= 1000
.PHONY: reloads
reloads: ## Change the rules RELOADS (1000) times under load on a real Kafka, good and bad ones (as for e2e)
	VERDICT_TEST_RELOADS=$(RELOADS) .ci/e2e -run '^TestRealReloads$$'

FAULTS ?=
.PHONY: faults
faults: ## Break brokers, instances and the network under 500,000 events, and soak (over an hour)
	.ci/faults -faults.all -faults.events 500000 -faults.rate 2000 -faults.soak 20m $(FAULTS)

.PHONY: alerts
alerts: ## Check the alerts, their tests and the dashboard's queries by promtool, which it gets by apt
	.ci/alerts

.PHONY: chart
chart: ## Check the Helm chart: lint, renders, each object against Kubernetes's schemas (Python 3)
	.ci/chart

.PHONY: image
image: ## Run what deploy/Dockerfile makes as any user, alone in a directory without a place to write (root)
	.ci/image

NIGHT ?=
.PHONY: night
night: ## Break seven things on a real Kafka with Prometheus, and say which alerts fired when (about an hour)
	.ci/night $(NIGHT)

.PHONY: ci
ci: ## Run all that CI runs
	.ci/run

.PHONY: docs
docs: ## Write what is generated anew: references, lists and examples of docs/, the rules' JSON Schemas
	go run ./cmd/verdict config --markdown > docs/configuration.md
	go test ./cmd/verdict -run 'TestDecisionsPage|TestStatePage|TestMetricsPage' -update
	go test ./rules -run TestSchemaFiles -update

.PHONY: cover
cover: ## Measure the tests' coverage (cover.out, cover.html)
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -func=cover.out | tail -n 1
	go tool cover -html=cover.out -o cover.html

.PHONY: bench
bench: ## Run the benchmarks of each stage, with allocations (BENCH is a pattern, BENCHTIME how long)
	go test -run - -bench '$(BENCH)' -benchtime $(BENCHTIME) ./...

.PHONY: hostile
hostile: ## Measure what hostile HTTP clients cost: p99 and memory, with them and without (two and a half minutes)
	go test ./cmd/verdict -count 1 -timeout 20m -v -run '^TestHostileClients$$' -hostile

.PHONY: profile
profile: ## Profile the pipeline on its own Kafka: cpu.prof, mem.prof, and where the time goes
	go run ./cmd/verdict bench --events 1000000 --rate 0 --set kafka.compression=none \
	  --cpuprofile cpu.prof --memprofile mem.prof
	go tool pprof -top -cum -nodecount 40 -focus 'unit..take|kafka.deliver' cpu.prof

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
	  for name in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz' || true); do \
	    echo "$$package $$name"; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package"; \
	  done; \
	done
