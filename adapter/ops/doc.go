// Package ops answers: how does the operator see that the gateway is well?
//
// It has a listener of its own, loopback by default and without authentication: /healthz says that
// the process serves, /readyz what works and what does not, /metrics is for Prometheus and described
// in docs/metrics.md, /debug/pprof/ is there only when it was switched on. Everything that is asked
// is a function handed in.
package ops
