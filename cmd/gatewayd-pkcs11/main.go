//go:build cgo

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"asugate/signature/process"
)

// version is set by the build.
var version = "development"

// options are the command line. The PIN is in a file: everyone on the machine sees command lines.
type options struct {
	Module  string `required:"" type:"path" help:"The vendor's library." placeholder:"SO"`
	Token   string `help:"Label of the token." placeholder:"LABEL" xor:"token" required:""`
	Serial  string `help:"Serial number of the token, instead of its label." xor:"token" required:""`
	Key     string `help:"Label of the private key." placeholder:"LABEL"`
	ID      string `name:"id" help:"CKA_ID of the private key, in hex." placeholder:"HEX"`
	PINFile string `name:"pin-file" required:"" type:"path" help:"A file that only its owner can read, with the PIN in its first line." placeholder:"FILE"`
}

// Exit codes, those of gatewayd.
const (
	exitCould = 2
	exitUsage = 64
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run serves until the input ends. The token is logged in to at the first request; what is wrong
// with it then, and not with the command line, is the answer to each request: a program that ended
// would be started again, and each start could cost a try of the PIN.
func run(arguments []string, in io.Reader, out, complaints io.Writer) int {
	var o options
	exit := -1
	parser, err := kong.New(&o, kong.Name("gatewayd-pkcs11"),
		kong.Description("Signs for gatewayd with a key in a PKCS #11 token: the command of a key in signing.keys."),
		kong.Writers(complaints, complaints), kong.Exit(func(code int) { exit = code }))
	if err != nil {
		panic(err) // the struct is wrong: a mistake of ours, found by any test
	}
	_, err = parser.Parse(arguments)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintf(complaints, "gatewayd-pkcs11: %v\n", err)
		return exitUsage
	}
	t, err := newToken(o)
	if err != nil {
		fmt.Fprintf(complaints, "gatewayd-pkcs11: %v\n", err)
		return exitCould
	}
	defer t.close()
	service := process.Service{
		Program: "gatewayd-pkcs11 " + version,
		Signs:   algorithms(),
		Public:  func(string) ([]byte, error) { return t.public() },
		Sign: func(_, algorithm string, digest, _ []byte) ([]byte, error) {
			return t.sign(algorithm, digest)
		},
		AtOnce: sessions,
	}
	if err := service.Serve(in, out); err != nil {
		fmt.Fprintf(complaints, "gatewayd-pkcs11: %v\n", err)
		return exitCould
	}
	return 0
}
