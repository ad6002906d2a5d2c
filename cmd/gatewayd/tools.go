package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"asugate/signature"
)

// version is set by the build.
var version = "development"

type versionCommand struct{}

func (c *versionCommand) Run(s streams) error {
	fmt.Fprintf(s.out, "gatewayd %s\n", version)
	if info, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintf(s.out, "%s\n", info.GoVersion)
	}
	return nil
}

type signCommand struct {
	Key       string `required:"" type:"path" help:"The private key." placeholder:"PEM"`
	Cert      string `required:"" type:"path" help:"Its certificate, and the certificates of its issuers." placeholder:"PEM"`
	Container string `help:"The form of the signature." enum:"xmldsig" default:"xmldsig"`
	File      string `arg:"" help:"The document; - is standard input."`
}

func (c *signCommand) Run(_ context.Context, s streams) error {
	document, err := readFile(s, c.File)
	if err != nil {
		return err
	}
	key, err := signature.LoadKey(c.Key, c.Cert)
	if err != nil {
		return err
	}
	signed, err := key.Sign(document)
	if err != nil {
		return err
	}
	_, err = s.out.Write(signed)
	return err
}
