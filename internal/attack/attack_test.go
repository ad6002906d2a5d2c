package attack_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"asugate/internal/attack"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/signature"
	"asugate/xmltree"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// opener judges as the gateway does.
func opener(trust *signature.Trust) attack.Opener {
	return func(document []byte) (bool, []string) {
		tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
		if err != nil {
			return false, []string{"A01"}
		}
		signed, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, now)
		var faults []string
		for _, f := range report.Faults {
			faults = append(faults, f.Code+" "+f.Reason)
		}
		return signed.Valid() || report.Outcome != signature.Fails, faults
	}
}

// silent is a listener to whom nobody may connect.
func silent(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			t.Errorf("a connection from %s", c.RemoteAddr())
			c.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

// besiege tries all attacks on a signed document that is good as it is.
func besiege(t *testing.T, signed []byte, sign attack.Signer, open attack.Opener, address string) {
	t.Helper()
	if holds, faults := open(signed); !holds {
		t.Fatalf("the genuine document is refused as %q:\n%s", faults, signed)
	}
	document, err := attack.Take(signed, "ID")
	if err != nil {
		t.Fatal(err)
	}
	attack.Run(t, attack.Outsider(document), open)
	attack.Run(t, attack.Insider(document, sign, address), open)
}

// TestEveryKind attacks every kind of document that the gateway takes, as our own Sign signs it.
func TestEveryKind(t *testing.T) {
	s := pki.Must(scene.New(now))
	address := silent(t)
	for name, one := range map[string]struct {
		document []byte
		signer   *scene.Persona
	}{
		"Waybill":      {s.Waybill(scene.Waybill{}), s.Signatory},
		"Placement":    {s.Placement(scene.Placement{}), s.Performer},
		"PaperSwitch":  {s.PaperSwitch(scene.PaperSwitch{Waybill: scene.NewID()}), s.Signatory},
		"OfficeNotice": {s.Notice(scene.Notice{InReplyTo: scene.NewID()}), s.Office},
		"StaffList":    {s.StaffList(1), s.Office},
	} {
		t.Run(name, func(t *testing.T) {
			trust := signature.NewTrust([]*x509.Certificate{s.Root.Certificate, s.Rail.Certificate})
			besiege(t, one.signer.MustSign(one.document), ecdsaSigner(one.signer.Credential), opener(trust), address)
		})
	}
}

const document = `<Placement xmlns="urn:asugate:1" ID="d1" Format="1.0">
  <Header><DocumentID>0193</DocumentID></Header>
  <Text>Груз размещен &amp; закреплен</Text>
</Placement>`

// TestEveryContainer attacks every algorithm and every form of XMLDSig, XAdES included.
func TestEveryContainer(t *testing.T) {
	const exclusive, inclusive = "http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	const inclusive11, sha256 = "http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2001/04/xmlenc#sha256"
	const digest384, digest512 = "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"
	root := pki.Must(pki.NewAuthority("Корень", now))
	open := opener(signature.NewTrust([]*x509.Certificate{root.Certificate}))
	address := silent(t)
	for i, method := range methods(root) {
		for j, e := range []attack.Envelope{
			{Prefix: "ds:", Canonical: exclusive, Transform: exclusive, Digest: sha256, URI: "#d1"},
			{Canonical: inclusive, Transform: "", Digest: digest512, URI: ""},
			{Prefix: "dsig:", Canonical: inclusive11, Transform: exclusive + " #default a", Digest: digest384, URI: "#d1"},
			{Prefix: "ds:", Canonical: exclusive, Transform: exclusive, Digest: sha256, URI: "#d1", Properties: &attack.Properties{
				Space: attack.XAdES, Time: "2026-11-22T12:59:00+03:00", Second: true, Form: exclusive,
				Certificate: method.credential.Certificate}},
			{Canonical: inclusive, Transform: inclusive, Digest: sha256, URI: "", Properties: &attack.Properties{
				Space: attack.XAdES122, Time: "2026-11-22T09:59:00Z", First: true, Certificate: method.credential.Certificate}},
		} {
			// What a method changes does not depend on the form: the first is tried in all of them.
			if i > 0 && j != i%3 && j != 3+i%2 {
				continue
			}
			e.Method, e.Sign = method.uri, method.sign
			e.KeyInfo = e.Certificates(method.credential.Certificate)
			t.Run(fmt.Sprintf("%s %s %t", method.name, e.Canonical, e.Properties != nil), func(t *testing.T) {
				signed, err := e.Enclose([]byte(document))
				if err != nil {
					t.Fatal(err)
				}
				besiege(t, signed, method.sign, open, address)
			})
		}
	}
}

// TestLargeDocument: three thousand wagons are an honest document, and take no second.
func TestLargeDocument(t *testing.T) {
	s := pki.Must(scene.New(now))
	wagons := make([]string, 3000)
	for i := range wagons {
		wagons[i] = fmt.Sprintf("%08d", i)
	}
	signed := s.Signatory.MustSign(s.Waybill(scene.Waybill{Wagons: wagons}))
	start := time.Now()
	if holds, faults := opener(signature.NewTrust([]*x509.Certificate{s.Root.Certificate}))(signed); !holds {
		t.Error(faults)
	}
	if spent := time.Since(start); spent > time.Second {
		t.Errorf("%d bytes took %v", len(signed), spent)
	}
}
