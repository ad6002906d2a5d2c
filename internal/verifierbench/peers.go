package main

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed peers/xmlsec.c
var xmlsecSource []byte

//go:embed peers/Santuario.java
var santuarioSource []byte

// peers are verifiers in other languages, each a program that measures itself.
func peers(dir string) []verifier {
	return []verifier{
		{"libxmlsec1, in C", func(documents []document, each time.Duration, rounds int) ([]time.Duration, error) {
			program, err := buildXMLSec(dir)
			if err != nil {
				return nil, err
			}
			return external([]string{program}, documents, each, rounds)
		}},
		{"Apache Santuario, JDK", func(documents []document, each time.Duration, rounds int) ([]time.Duration, error) {
			command, err := santuario(dir)
			if err != nil {
				return nil, err
			}
			return external(command, documents, each, rounds)
		}},
	}
}

// buildXMLSec needs gcc, pkg-config and Debian's libxmlsec1-dev.
func buildXMLSec(dir string) (string, error) {
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "xmlsec1-openssl").Output()
	if err != nil {
		return "", errors.New("libxmlsec1-dev or pkg-config is not installed")
	}
	source, program := filepath.Join(dir, "xmlsec.c"), filepath.Join(dir, "xmlsec")
	if err := os.WriteFile(source, xmlsecSource, 0o600); err != nil {
		return "", err
	}
	c := exec.Command("gcc", append([]string{"-O2", "-o", program, source}, strings.Fields(string(flags))...)...)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building it: %w: %.300s", err, out)
	}
	return program, nil
}

// santuario needs a JDK and Debian's libxml-security-java.
func santuario(dir string) ([]string, error) {
	const jars = "/usr/share/java/"
	if _, err := os.Stat(jars + "xmlsec.jar"); err != nil {
		return nil, errors.New("libxml-security-java is not installed")
	}
	if _, err := exec.LookPath("java"); err != nil {
		return nil, errors.New("java is not installed")
	}
	source := filepath.Join(dir, "Santuario.java")
	if err := os.WriteFile(source, santuarioSource, 0o600); err != nil {
		return nil, err
	}
	path := jars + "xmlsec.jar:" + jars + "slf4j-api.jar:" + jars + "slf4j-nop.jar:" + jars + "commons-codec.jar"
	return []string{"java", "-XX:+UseSerialGC", "-Xmx2g", "-cp", path, source}, nil
}

// external runs a program with the length and number of measurements, and the certificate and file of each document.
// It prints the nanoseconds that each took, one line a document.
func external(command []string, documents []document, each time.Duration, rounds int) ([]time.Duration, error) {
	arguments := append(command[1:], strconv.FormatInt(each.Milliseconds(), 10), strconv.Itoa(rounds))
	for _, d := range documents {
		arguments = append(arguments, d.key, d.file)
	}
	c := exec.Command(command[0], arguments...)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %.300s", err, complaint.String())
	}
	var list []time.Duration
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("it printed %q", lines.Text())
		}
		list = append(list, time.Duration(n))
	}
	if len(list) != len(documents) {
		return nil, fmt.Errorf("it measured %d of %d documents", len(list), len(documents))
	}
	return list, nil
}
