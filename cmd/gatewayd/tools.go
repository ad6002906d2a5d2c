package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"

	"asugate/conf"
	"asugate/signature"
	"asugate/signature/process"
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
	Key       string   `type:"path" help:"The private key." placeholder:"PEM" xor:"key"`
	Command   []string `sep:"none" help:"Instead of a key: the program that signs, and with further --command its arguments (docs/signer-process.md)." placeholder:"WORD" xor:"key"`
	Cert      string   `required:"" type:"path" help:"The certificate of the key, and the certificates of its issuers." placeholder:"PEM"`
	Container string   `help:"The form of the signature: inside the document, or a detached CMS in base64." enum:"xmldsig,cms" default:"xmldsig"`
	File      string   `arg:"" help:"The document; - is standard input."`
}

func (c *signCommand) Run(ctx context.Context, s streams) error {
	if c.Key == "" && len(c.Command) == 0 {
		return failure{code: exitUsage, what: errors.New("sign needs --key or --command")}
	}
	document, err := readFile(s, c.File)
	if err != nil {
		return err
	}
	key, done, err := c.key(ctx, s)
	if err != nil {
		return err
	}
	defer done()
	if c.Container == "xmldsig" {
		signed, err := key.Sign(document)
		if err != nil {
			return err
		}
		_, err = s.out.Write(signed)
		return err
	}
	cms, err := key.SignDetached(document)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, base64.StdEncoding.EncodeToString(cms))
	return err
}

// key is the key of a file or of a program, which done stops.
func (c *signCommand) key(ctx context.Context, s streams) (key *signature.Key, done func(), err error) {
	if len(c.Command) == 0 {
		key, err = signature.LoadKey(c.Key, c.Cert)
		return key, func() {}, err
	}
	program := process.New(c.Command, newLog(s.err, "error"))
	key, err = externalKey(ctx, program, conf.DefaultKey, c.Cert)
	if err != nil {
		program.Close()
		return nil, nil, err
	}
	return key, program.Close, nil
}
