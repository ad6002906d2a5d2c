package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// contain puts a document and its CMS signature together as a client's system does that knows nothing of
// this program.
func contain(form string, document []byte, cms func() []byte) (body []byte, contentType string, err error) {
	switch form {
	case "multipart":
		return inMultipart(document, cms())
	case "signed":
		return fmt.Appendf(nil, "<Signed xmlns=\"urn:asugate:1\">\n  <Content>%s</Content>\n  <CMS>%s</CMS>\n</Signed>",
			base64.StdEncoding.EncodeToString(document), base64.StdEncoding.EncodeToString(cms())), "application/xml", nil
	case "attached":
		return document, "application/pkcs7-mime; smime-type=signed-data", nil
	}
	return nil, "", fmt.Errorf("a document is sent as multipart, signed or attached, not as %s", form)
}

func inMultipart(document, cms []byte) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, part := range []struct {
		mediaType string
		content   []byte
	}{{"application/xml", document}, {"application/pkcs7-signature", cms}} {
		to, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {part.mediaType}})
		if err != nil {
			return nil, "", err
		}
		if _, err := to.Write(part.content); err != nil {
			return nil, "", err
		}
	}
	err = w.Close()
	return b.Bytes(), "multipart/mixed; boundary=" + w.Boundary(), err
}

// parted takes an answer of two parts apart; false: it is none.
func parted(contentType string, body []byte) (document, cms []byte, ok bool) {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "multipart/mixed" {
		return nil, nil, false
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var read [2][]byte
	for i, want := range []string{"application/xml", "application/pkcs7-signature"} {
		part, err := parts.NextPart()
		if err != nil || part.Header.Get("Content-Type") != want {
			return nil, nil, false
		}
		if read[i], err = io.ReadAll(part); err != nil {
			return nil, nil, false
		}
	}
	_, err = parts.NextPart()
	return read[0], read[1], err == io.EOF
}

// askOpenSSL is the second opinion on a detached CMS signature of the railway.
func (a *actor) askOpenSSL(document, cms []byte, at time.Time) error {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		return nil // a script says so: cms_attached
	}
	dir, err := os.MkdirTemp(a.dir, "for-openssl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	content, signature := filepath.Join(dir, "document"), filepath.Join(dir, "document.p7s")
	if err := os.WriteFile(content, document, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(signature, cms, 0o600); err != nil {
		return err
	}
	command := exec.Command(openssl, "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content,
		"-CAfile", filepath.Join(a.dir, "rail-root.pem"), "-purpose", "any", "-attime", strconv.FormatInt(at.Unix(), 10),
		"-out", filepath.Join(dir, "out"))
	command.Env = a.openssl
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("openssl: %w\n%s", err, out)
	}
	return nil
}
