package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"asugate/adapter/ops"
	"asugate/conf"
	"asugate/revocation"
	"asugate/signature"
	"asugate/signature/process"
)

// revocationSources is what the configuration says about revocation, for the Keeper.
func revocationSources(c conf.Revocation) revocation.Config {
	r := revocation.Config{
		Refresh: c.Refresh.Std(), Grace: c.Grace.Std(), Timeout: c.Timeout.Std(), MaxSize: int64(c.MaxSize),
		Cache: c.Cache, Proxy: c.Proxy,
	}
	for _, one := range c.CRLs {
		r.Lists = append(r.Lists, revocation.ListSource{File: one.File, URL: one.URL, Issuer: one.Issuer})
	}
	for _, one := range c.OCSP {
		r.Responders = append(r.Responders,
			revocation.ResponderSource{URL: one.URL, Issuer: one.Issuer, Responder: one.Responder})
	}
	return r
}

// takeRevocations reads the lists of revoked certificates; all or none.
func (d *desk) takeRevocations() error {
	prepared, err := d.revocations.Prepare(revocationSources(d.config.Revocation))
	if err != nil {
		return err
	}
	d.revocations.Use(prepared)
	d.informed = true
	return nil
}

// needRevocations is takeRevocations for a single command that judges. The daemon has taken them at
// its start, before anybody could ask it for anything.
func (d *desk) needRevocations() error {
	if d.informed {
		return nil
	}
	return d.takeRevocations()
}

// lookAgain has documents that were deferred judged anew whenever there is new evidence.
func (d *daemon) lookAgain(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.revocations.Updated():
			d.gateway.LookAgain()
		}
	}
}

// checkRevocation names the sources because of which documents are deferred, and those that are out
// of order while what they said still counts.
func (d *daemon) checkRevocation() error {
	var words []string
	for _, s := range d.revocations.Sources() {
		why := ""
		if s.Failure != "" {
			why = ": " + s.Failure
		}
		switch {
		case s.Silent(d.now()) && s.Kind == "crl" && s.Produced.IsZero():
			words = append(words, s.Source+" has not been had; documents are deferred"+why)
		case s.Silent(d.now()) && s.Kind == "crl":
			words = append(words, fmt.Sprintf("%s is out of date since %s; documents are deferred%s",
				s.Source, s.Until.Format(time.RFC3339), why))
		case s.Failure != "":
			words = append(words, s.Source+": "+s.Failure)
		case s.Kind == "crl" && !s.Next.IsZero() && d.now().After(s.Next):
			words = append(words, fmt.Sprintf("%s should have been followed by a new one on %s; it counts until %s",
				s.Source, s.Next.Format(time.RFC3339), s.Until.Format(time.RFC3339)))
		}
	}
	if len(words) > 0 {
		return errors.New(strings.Join(words, "; "))
	}
	return nil
}

// revocation is how the sources stand, for metrics.
func (d *daemon) revocation() ops.Revocation {
	r := ops.Revocation{Answers: map[string]uint64{
		"good":         d.revocations.Answers(signature.RevocationGood),
		"revoked":      d.revocations.Answers(signature.RevocationRevoked),
		"unknown":      d.revocations.Answers(signature.RevocationUnknown),
		"unconfigured": d.revocations.Answers(signature.RevocationUnconfigured),
	}}
	for _, s := range d.revocations.Sources() {
		r.Sources = append(r.Sources, ops.RevocationSource{
			Name: s.Source, Produced: s.Produced, Until: s.Until, Silent: s.Silent(d.now()), Had: s.Had, Bad: s.Bad,
		})
	}
	return r
}

// readRevocations reads what the start of the daemon would read, and tells what there is. Nobody is
// asked over the network.
func readRevocations(config *conf.Config, out io.Writer) error {
	o := revocation.Options{Now: time.Now, Log: quiet()}
	if command := config.Verification.GOST.Command; len(command) > 0 {
		program := process.New(command, quiet())
		defer program.Close()
		o.GOST = program
	}
	k := revocation.New(o)
	prepared, err := k.Prepare(revocationSources(config.Revocation))
	if err != nil {
		return err
	}
	k.Use(prepared)
	for _, s := range k.Sources() {
		switch {
		case s.Kind == "ocsp":
			fmt.Fprintf(out, "# OCSP %s: for %s\n", s.Source, s.Issuers)
		case s.Produced.IsZero():
			fmt.Fprintf(out, "# CRL %s: not fetched yet\n", s.Source)
		default:
			fmt.Fprintf(out, "# CRL %s: of %s, %d revoked, made %s, counts until %s\n", s.Source, s.Issuers, s.Entries,
				s.Produced.Format(time.RFC3339), s.Until.UTC().Format(time.RFC3339))
		}
	}
	return nil
}
