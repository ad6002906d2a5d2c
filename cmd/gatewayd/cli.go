package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"asugate/conf"
)

// cli is every command. Its help is the manual's synopsis.
type cli struct {
	Config string `help:"The configuration file of this machine." env:"GATEWAYD_CONFIG" default:"${config}" placeholder:"FILE"`

	Demo  demoCommand  `cmd:"" help:"Show the whole job with everything embedded: certificates, registers, documents, the daemon."`
	Init  initCommand  `cmd:"" help:"Make a new, empty store."`
	Run   runCommand   `cmd:"" help:"Run the daemon."`
	Check checkCommand `cmd:"" help:"Read everything that run would read, and print the effective configuration."`

	Verify verifyCommand `cmd:"" help:"Say what we would say of a document, and why; offline."`
	Sign   signCommand   `cmd:"" help:"Print a signed copy of an XML document, or a detached signature of any file."`
	Render renderCommand `cmd:"" help:"Print the text that the data of an ЭД №2 ask for, and say how its own differs."`

	Participants participantsCommands `cmd:"" help:"The register of participants."`
	Staff        staffCommands        `cmd:"" help:"The lists of responsible staff («список ответственных работников»)."`
	Norms        normsCommands        `cmd:"" help:"The register of МТУ and НТУ, by which cargo may be placed."`
	Documents    documentsCommands    `cmd:"" help:"What has become of documents."`
	Queue        queueCommands        `cmd:"" help:"What is still to be delivered."`
	Journal      journalCommands      `cmd:"" help:"Verdicts and acts of operators."`
	Retention    retentionCommands    `cmd:"" help:"What is let go because it is finished and old."`

	Health  healthCommand  `cmd:"" help:"Ask the running daemon whether it lives, or with --ready whether it takes documents."`
	Backup  backupCommand  `cmd:"" help:"Write a consistent copy of the store, also while the daemon runs."`
	Restore restoreCommand `cmd:"" help:"Make the store from a backup; its lanes start paused."`
	Store   storeCommands  `cmd:"" help:"Look after the file of the store."`

	Completion completionCommand `cmd:"" help:"Print the completion script for a shell."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the manual page."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// load reads the configuration, refusing all its mistakes at once.
func (c *cli) load() (*conf.Config, error) {
	config, err := conf.Load(c.Config)
	if err == nil {
		err = config.Validate()
	}
	if errors.Is(err, os.ErrNotExist) {
		return config, failure{
			code: exitCould, what: err,
			hint: "name the file with --config or GATEWAYD_CONFIG; conf/gatewayd.yaml is a commented example",
		}
	}
	return config, err
}

// readFile reads an operand of the command line; "-" is standard input.
func readFile(s streams, name string) ([]byte, error) { return readAtMost(s, name, maxOperand) }

// readAtMost is readFile for what may be larger or smaller than other operands.
func readAtMost(s streams, name string, most int64) ([]byte, error) {
	if name == "-" {
		b, err := io.ReadAll(io.LimitReader(s.in, most+1))
		if err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		return bounded(b, "standard input", most)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading operand: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return bounded(b, name, most)
}

// maxOperand bounds a file named on the command line.
const maxOperand = 48 << 20

func bounded(b []byte, name string, most int64) ([]byte, error) {
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return b, nil
}
