package signature

import (
	"crypto/sha256"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// attack turns a document freshly signed by the genuine key into one that must not pass.
type attack struct {
	name  string
	build func(t *testing.T, s signer, signed string) string
	want  string // «code reason» of all faults; A01 when Parse must refuse it
}

func runAttacks(t *testing.T, attacks []attack) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			forged := a.build(t, s, signed)
			if forged == signed {
				t.Fatal("nothing was changed")
			}
			start := time.Now()
			tree, err := xmltree.Parse([]byte(forged), xmltree.DefaultLimits())
			if err != nil {
				if a.want != "A01" {
					t.Fatalf("%v in\n%s", err, forged)
				}
				return
			}
			shown, report := Open(Input{Tree: tree}, s.trust, Policy{}, now)
			if report.Outcome != Fails || shown.Valid() {
				t.Error("it holds")
			}
			if got := words(report); got != a.want {
				t.Errorf("got  %s\nwant %s", got, a.want)
			}
			if spent := time.Since(start); spent > time.Second {
				t.Errorf("took %v", spent)
			}
		})
	}
}

// wrap puts the Signature into an evil root and lets place say where the genuine one goes.
func wrap(place func(evil, genuine, signature string) string) func(*testing.T, signer, string) string {
	return func(t *testing.T, s signer, signed string) string {
		signature, genuine := taken(signed)
		evil := replace(t, genuine, `ID="d1"`, `ID="evil"`)
		evil = replace(t, evil, "закреплен", "не закреплен")
		return place(evil, genuine, signature)
	}
}

// before puts content before the end tag of the root, or of another element.
func before(document, endTag, content string) string {
	i := strings.LastIndex(document, endTag)
	return document[:i] + content + document[i:]
}

// Signature wrapping (faults.md, rows 1 to 5): what is signed is there, what is read is another.
func TestWrapping(t *testing.T) {
	const end, object = "</Placement>", "</ds:Object>"
	runAttacks(t, []attack{
		{"XSW1 genuine in an Object of the Signature", wrap(func(evil, genuine, signature string) string {
			return before(evil, end, before(signature, "</ds:Signature>", "<ds:Object>"+genuine+object))
		}), "A10 signature-shape"},
		{"XSW2 genuine before the Signature", wrap(func(evil, genuine, signature string) string {
			return before(evil, end, genuine+signature)
		}), "A10 reference-target"},
		{"XSW3 genuine after the Signature", wrap(func(evil, genuine, signature string) string {
			return before(evil, end, signature+genuine)
		}), "A10 reference-target"},
		{"XSW4 genuine around its own Signature", wrap(func(evil, genuine, signature string) string {
			return before(evil, end, before(genuine, end, signature))
		}), "A10 signature-misplaced"},
		{"XSW5 genuine in KeyInfo", wrap(func(evil, genuine, signature string) string {
			return before(evil, end, before(signature, "</ds:KeyInfo>", genuine))
		}), "A10 reference-target"},
		{"XSW6 genuine in KeyInfo, the root keeps its ID out", wrap(func(evil, genuine, signature string) string {
			evil = strings.Replace(evil, ` ID="evil"`, ``, 1)
			return before(evil, end, before(signature, "</ds:KeyInfo>", genuine))
		}), "A10 reference-target"},
		{"XSW7 genuine in an extension of the evil document", wrap(func(evil, genuine, signature string) string {
			return before(evil, end, "<Extensions>"+genuine+"</Extensions>"+signature)
		}), "A10 reference-target"},
		{"XSW8 a wrapper around evil and genuine", wrap(func(evil, genuine, signature string) string {
			return "<Both>" + evil + before(genuine, end, signature) + "</Both>"
		}), "A10 signature-misplaced"},
		{"a wrapper around genuine and evil", wrap(func(evil, genuine, signature string) string {
			return "<Both>" + before(genuine, end, signature) + evil + "</Both>"
		}), "A10 signature-misplaced"},
		{"the evil root keeps the ID", wrap(func(evil, genuine, signature string) string {
			return before(strings.Replace(evil, "evil", "d1", 1), end, genuine+signature)
		}), "A01"},
		{"the evil root has the ID under another name", wrap(func(evil, genuine, signature string) string {
			return before(strings.Replace(evil, `ID="evil"`, `Id="d1"`, 1), end, genuine+signature)
		}), "A01"},
		{"a second root", wrap(func(evil, genuine, signature string) string {
			return evil + before(genuine, end, signature)
		}), "A01"},
		{"unsigned content in an Object", func(t *testing.T, s signer, signed string) string {
			return before(signed, "</ds:Signature>", "<ds:Object><Placement xmlns='urn:asugate:1'/></ds:Object>")
		}, "A10 signature-shape"},
		{"unsigned content in the Signature", func(t *testing.T, s signer, signed string) string {
			return before(signed, "</ds:Signature>", "<Placement xmlns='urn:asugate:1'/>")
		}, "A10 signature-shape"},
		{"unsigned content in KeyName", func(t *testing.T, s signer, signed string) string {
			return before(signed, "</ds:KeyInfo>", "<ds:KeyName><Placement/></ds:KeyName>")
		}, "A10 signature-shape"},
		{"unsigned content in KeyValue", func(t *testing.T, s signer, signed string) string {
			return before(signed, "</ds:KeyInfo>", "<ds:KeyValue><Placement/></ds:KeyValue>")
		}, "A10 signature-shape"},
		{"an unsigned attribute of the Signature", func(t *testing.T, s signer, signed string) string {
			return replace(t, signed, "<ds:Signature ", "<ds:Signature Version='2' ")
		}, "A10 signature-shape"},
		{"the Signature below another element", func(t *testing.T, s signer, signed string) string {
			signature, rest := taken(signed)
			return before(rest, "</Header>", signature)
		}, "A10 signature-misplaced"},
		{"the Signature twice", func(t *testing.T, s signer, signed string) string {
			signature, _ := taken(signed)
			return before(signed, end, signature)
		}, "A10 several-signatures"},
		{"a Signature in the Signature", func(t *testing.T, s signer, signed string) string {
			return before(signed, "</ds:Signature>", "<ds:Object><ds:Signature/></ds:Object>")
		}, "A10 several-signatures"},
		{"200 Signatures", func(t *testing.T, s signer, signed string) string {
			signature, _ := taken(signed)
			return before(signed, end, strings.Repeat(signature, 200))
		}, "A10 several-signatures"},
		{"no Signature", func(t *testing.T, s signer, signed string) string {
			_, rest := taken(signed)
			return rest
		}, "A02 no-signature"},
		{"a Signature of another namespace", func(t *testing.T, s signer, signed string) string {
			return replace(t, signed, `xmlns:ds="`+nsDSig+`"`, `xmlns:ds="http://www.w3.org/2000/09/xmldsig"`)
		}, "A02 no-signature"},
		{"Signature with a Cyrillic letter", func(t *testing.T, s signer, signed string) string {
			return strings.NewReplacer("<ds:Signature ", "<ds:Ѕignature ", "</ds:Signature>", "</ds:Ѕignature>").Replace(signed)
		}, "A02 no-signature"},
	})
}

// The shape of the Signature (rows 7, 8, 10, 28).
func TestShape(t *testing.T) {
	info := func(signed string) string {
		return signed[strings.Index(signed, "<ds:SignedInfo>") : strings.Index(signed, "</ds:SignedInfo>")+len("</ds:SignedInfo>")]
	}
	drop := func(old string) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string { return replace(t, signed, old, "") }
	}
	insert := func(beforeTag, content string) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string { return before(signed, beforeTag, content) }
	}
	runAttacks(t, []attack{
		{"two SignedInfo, evil first (CVE-2025-29774)", func(t *testing.T, s signer, signed string) string {
			return before(signed, "<ds:SignedInfo>", setDigest(info(signed), make([]byte, 32)))
		}, "A10 signature-shape"},
		{"two SignedInfo, evil last", func(t *testing.T, s signer, signed string) string {
			return before(signed, "<ds:SignatureValue>", info(signed))
		}, "A10 signature-shape"},
		{"genuine SignedInfo in KeyInfo", func(t *testing.T, s signer, signed string) string {
			return before(redigest(t, replace(t, signed, "размещен", "брошен")), "</ds:KeyInfo>", info(signed))
		}, "A10 signature-shape"},
		{"two SignatureValue", insert("<ds:KeyInfo>", "<ds:SignatureValue>AA==</ds:SignatureValue>"), "A10 signature-shape"},
		{"two KeyInfo", insert("</ds:Signature>", "<ds:KeyInfo></ds:KeyInfo>"), "A10 signature-shape"},
		{"comment in DigestValue, before (CVE-2025-29775)", insert("</ds:DigestValue>", "<!--x-->"), "A10 signature-shape"},
		{"comment in DigestValue, after", func(t *testing.T, s signer, signed string) string {
			return replace(t, signed, "<ds:DigestValue>", "<ds:DigestValue><!--x-->")
		}, "A10 signature-shape"},
		{"comment in SignedInfo", insert("</ds:SignedInfo>", "<!--x-->"), "A10 signature-shape"},
		{"comment in X509Certificate", insert("</ds:X509Certificate>", "<!--x-->"), "A10 signature-shape"},
		{"comment in KeyValue", insert("</ds:KeyInfo>", "<ds:KeyValue><!--x--></ds:KeyValue>"), "A10 signature-shape"},
		{"text in the Signature", insert("</ds:Signature>", "x"), "A10 signature-shape"},
		{"no SignatureValue", func(t *testing.T, s signer, signed string) string {
			from, to := strings.Index(signed, "<ds:SignatureValue>"), strings.Index(signed, "<ds:KeyInfo>")
			return signed[:from] + signed[to:]
		}, "A10 signature-shape"},
		{"no SignedInfo (CVE-2020-7711)", func(t *testing.T, s signer, signed string) string {
			return replace(t, signed, info(signed), "")
		}, "A10 signature-shape"},
		{"no Reference (CVE-2020-15216)", func(t *testing.T, s signer, signed string) string {
			from, to := strings.Index(signed, "<ds:Reference"), strings.Index(signed, "</ds:SignedInfo>")
			return signed[:from] + signed[to:]
		}, "A10 signature-shape"},
		{"an empty Signature", func(t *testing.T, s signer, signed string) string {
			_, rest := taken(signed)
			return before(rest, "</Placement>", `<ds:Signature xmlns:ds="`+nsDSig+`"/>`)
		}, "A10 signature-shape"},
		{"no KeyInfo", func(t *testing.T, s signer, signed string) string {
			from, to := strings.Index(signed, "<ds:KeyInfo>"), strings.Index(signed, "</ds:Signature>")
			return signed[:from] + signed[to:]
		}, "A05 no-certificate"},
		{"no CanonicalizationMethod", drop(`<ds:CanonicalizationMethod Algorithm="` + nsExclusive + `"></ds:CanonicalizationMethod>`), "A10 signature-shape"},
		{"400 levels in SignedInfo", insert("</ds:SignedInfo>", strings.Repeat("<a>", 400)+strings.Repeat("</a>", 400)), "A01"},
		{"5000 children of SignedInfo", insert("</ds:SignedInfo>", strings.Repeat("<a/>", 5000)), "A10 signature-shape"},
	})
}

// References and transforms (rows 9, 11, 12, 14, 15, 16), signed by the genuine key.
func TestReferences(t *testing.T) {
	// edit changes SignedInfo and has the genuine key sign the result.
	edit := func(old, new string) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string {
			return resign(t, s.cred, replace(t, signed, old, new))
		}
	}
	const reference, endReference = `<ds:Reference URI="#d1">`, `</ds:Reference>`
	const canonical = `<ds:Transform Algorithm="` + nsExclusive + `"></ds:Transform>`
	const enveloped = `<ds:Transform Algorithm="` + transformEnveloped + `"></ds:Transform>`
	const method = `<ds:CanonicalizationMethod Algorithm="` + nsExclusive + `">`
	transform := func(uri, content string) string {
		return `<ds:Transform Algorithm="` + uri + `">` + content + `</ds:Transform>`
	}
	other := `<ds:Reference URI="#h"><ds:Transforms>` + canonical + `</ds:Transforms><ds:DigestMethod Algorithm="` +
		nsDigest + `sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>`
	prefixes := func(n int) string {
		return `<ec:InclusiveNamespaces xmlns:ec="` + nsExclusive + `" PrefixList="` + strings.Repeat("p ", n) + `"/>`
	}
	var attacks []attack
	for name, uri := range map[string]string{
		"another name": "#x", "no fragment": "d1", "junk before": "Xd1", "only the sign": "#", "Cyrillic": "#д1",
		"the whole by XPointer": "#xpointer(/)", "the root by XPointer": "#xpointer(id('d1'))",
		"escaped": "#%641", "over HTTP": "http://127.0.0.1:9/d1", "a file": "file:///etc/passwd", "a space": " ",
	} {
		attacks = append(attacks, attack{"URI: " + name, edit(reference, `<ds:Reference URI="`+uri+`">`), "A10 reference-target"})
	}
	for name, uri := range map[string]string{
		"XSLT": "http://www.w3.org/TR/1999/REC-xslt-19991116", "XPath": "http://www.w3.org/TR/1999/REC-xpath-19991116",
		"filter 2": "http://www.w3.org/2002/06/xmldsig-filter2", "base64": nsDSig + "base64",
		"unknown": "urn:x", "СМЭВ": "urn://smev-gov-ru/xmldsig/transform",
	} {
		attacks = append(attacks, attack{"transform " + name, edit(canonical, transform(uri, "")), "A10 transform-not-allowed"})
	}
	runAttacks(t, append(attacks, []attack{
		{"URI: none", edit(reference, `<ds:Reference>`), "A10 reference-target"},
		{"a second Reference (CVE-2026-33487)", edit(reference, other+reference), "A10 reference-count"},
		{"a second Reference after the root's", edit(endReference, endReference+other), "A10 reference-count"},
		{"1000 References", edit(endReference, endReference+strings.Repeat(other, 1000)), "A10 signature-shape"},
		{"2000 transforms", edit(canonical, strings.Repeat(canonical, 2000)), "A10 signature-shape"},
		{"three transforms", edit(canonical, canonical+canonical), "A10 transform-not-allowed"},
		{"no transform", edit(enveloped+canonical, ""), "A10 transform-not-allowed"},
		{"no Transforms", edit("<ds:Transforms>"+enveloped+canonical+"</ds:Transforms>", ""), "A10 transform-not-allowed"},
		{"not enveloped", edit(enveloped+canonical, canonical), "A10 transform-not-allowed"},
		{"enveloped last", edit(enveloped+canonical, canonical+enveloped), "A10 transform-not-allowed"},
		{"a stylesheet in the transform", edit(canonical, transform(nsExclusive, `<x/>`)), "A10 signature-shape"},
		{"33 prefixes", edit(canonical, transform(nsExclusive, prefixes(33))), "A10 too-many-prefixes"},
		{"5000 prefixes", edit(canonical, transform(nsExclusive, prefixes(5000))), "A10 too-many-prefixes"},
		{"5000 prefixes for SignedInfo", edit(method, method+prefixes(5000)), "A10 too-many-prefixes"},
		{"a prefix list of inclusive canonicalization", edit(canonical, transform(inclusive10.uri, prefixes(1))), "A10 signature-shape"},
		{"an unknown canonicalization of SignedInfo", edit(method, `<ds:CanonicalizationMethod Algorithm="urn:x">`), "A10 canonicalization-not-allowed"},
		{"the digest of nothing (CVE-2025-66568)", func(t *testing.T, s signer, signed string) string {
			sum := sha256.Sum256(nil)
			return resign(t, s.cred, setDigest(signed, sum[:]))
		}, "A03 digest-mismatch"},
		{"a relative namespace", func(t *testing.T, s signer, signed string) string {
			return replace(t, signed, "<Text>", `<Text xmlns:x="relative">`)
		}, "A01"},
		{"a digest too short", func(t *testing.T, s signer, signed string) string {
			return resign(t, s.cred, setDigest(signed, make([]byte, 20)))
		}, "A03 digest-malformed"},
		{"a digest without its padding", edit("=</ds:DigestValue>", "</ds:DigestValue>"), "A03 digest-malformed"},
	}...))
}

// Values and algorithms (rows 17, 20, 21, 22, 27, 29).
func TestValues(t *testing.T) {
	const method = nsMore + "ecdsa-sha256"
	signedWith := func(uri string) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string {
			return resign(t, s.cred, replace(t, signed, method, uri))
		}
	}
	digestedWith := func(uri string) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string {
			return resign(t, s.cred, replace(t, signed, nsDigest+"sha256", uri))
		}
	}
	valued := func(change func([]byte) []byte) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string {
			return setValue(signed, change(value(t, signed)))
		}
	}
	edit := func(old, new string) func(*testing.T, signer, string) string {
		return func(t *testing.T, s signer, signed string) string { return replace(t, signed, old, new) }
	}
	runAttacks(t, []attack{
		{"changed text", edit("размещен", "брошен"), "A03 digest-mismatch"},
		{"changed attribute", edit(`Format="1.0"`, `Format="1.1"`), "A03 digest-mismatch"},
		{"changed text, new digest", func(t *testing.T, s signer, signed string) string {
			return redigest(t, replace(t, signed, "размещен", "брошен"))
		}, "A03 signature-mismatch"},
		{"another Signature's value", func(t *testing.T, s signer, signed string) string {
			return setValue(signed, value(t, s.sign(t, `<a ID="x"/>`)))
		}, "A03 signature-mismatch"},
		{"a processing instruction in signed text", edit("Груз", "Гр<?x?>уз"), "A01"},
		{"HMAC with the public key", signedWith(nsDSig + "hmac-sha1"), "A04 hmac"},
		{"HMAC-SHA256", signedWith(nsMore + "hmac-sha256"), "A04 hmac"},
		{"HMAC truncated (CVE-2009-0217)", func(t *testing.T, s signer, signed string) string {
			return resign(t, s.cred, replace(t, signed, method+`">`, nsDSig+`hmac-sha1"><ds:HMACOutputLength>8</ds:HMACOutputLength>`))
		}, "A04 hmac"},
		{"method none", signedWith("none"), "A04 algorithm-unknown"},
		{"no Algorithm", edit(` Algorithm="`+method+`"`, ""), "A04 algorithm-unknown"},
		{"RSA-SHA1", signedWith(nsDSig + "rsa-sha1"), "A04 sha1"},
		{"ECDSA-SHA1", signedWith(nsMore + "ecdsa-sha1"), "A04 sha1"},
		{"RSA-MD5", signedWith(nsMore + "rsa-md5"), "A04 md5"},
		{"DSA", signedWith(nsDSig + "dsa-sha1"), "A04 dsa"},
		{"DSA-SHA256", signedWith("http://www.w3.org/2009/xmldsig11#dsa-sha256"), "A04 dsa"},
		{"SHA-1 digest", digestedWith(nsDSig + "sha1"), "A04 sha1"},
		{"MD5 digest", digestedWith(nsMore + "md5"), "A04 md5"},
		{"ГОСТ 2012", signedWith("urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256"), "A04 gost-not-supported"},
		{"ГОСТ 2012, without the hyphen", signedWith("urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012256"), "A04 gost-not-supported"},
		{"ГОСТ 2001", signedWith(nsMore + "gostr34102001-gostr3411"), "A04 gost-not-supported"},
		{"Kazakh ГОСТ 2015", signedWith("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512"), "A04 gost-not-supported"},
		{"ГОСТ digest", digestedWith("urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-256"), "A04 gost-not-supported"},
		{"an RSA method with an ECDSA certificate", signedWith(nsMore + "rsa-sha256"), "A03 key-kind-mismatch"},
		{"r = s = 0 (CVE-2022-21449)", valued(func(v []byte) []byte { return make([]byte, len(v)) }), "A03 signature-mismatch"},
		{"r = s = n", valued(func(v []byte) []byte {
			n := p256Order.Bytes()
			return append(n, n...)
		}), "A03 signature-mismatch"},
		{"bytes behind the value", valued(func(v []byte) []byte { return append(v, 0, 0) }), "A03 signature-malformed"},
		{"an empty value", valued(func(v []byte) []byte { return nil }), "A03 signature-malformed"},
		{"a value of one byte", valued(func(v []byte) []byte { return v[:1] }), "A03 signature-malformed"},
		{"ASN.1 instead of r||s", func(t *testing.T, s signer, signed string) string {
			return setValue(signed, derOf(value(t, signed)))
		}, "A03 signature-malformed"},
		{"no base64", edit("<ds:SignatureValue>", "<ds:SignatureValue>*"), "A03 signature-malformed"},
		{"a DTD", func(t *testing.T, s signer, signed string) string {
			return `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + signed
		}, "A01"},
		{"a namespace bomb", func(t *testing.T, s signer, signed string) string {
			var b strings.Builder
			for i := range 2000 {
				b.WriteString(` xmlns:p` + big.NewInt(int64(i)).String() + `="urn:x"`)
			}
			return replace(t, signed, "<Header>", "<Header"+b.String()+">")
		}, "A01"},
	})
}

// Nothing is fetched because a document names an address (row 13).
func TestNothingIsFetched(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 16)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				close(asked)
				return
			}
			asked <- c.RemoteAddr().String()
			c.Close()
		}
	}()
	url := "http://" + listener.Addr().String() + "/x"
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	stranger := pki.Must(pki.Must(pki.NewAuthority("Другой", now)).Issue(pki.Request{
		Subject: person, Extensions: addressExtensions(url),
	}))
	strange := signer{cred: stranger, key: pki.Must(NewKey(stranger.Key, stranger.Certificate))}
	for name, forged := range map[string]string{
		"Reference":       resign(t, s.cred, replace(t, signed, `URI="#d1"`, `URI="`+url+`"`)),
		"RetrievalMethod": before(signed, "</ds:KeyInfo>", `<ds:RetrievalMethod URI="`+url+`"/>`),
		"XInclude":        replace(t, signed, "<Text>", `<Text><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="`+url+`"/>`),
		"AIA, CRL, OCSP":  strange.sign(t, document),
	} {
		if _, report := open(t, forged, s.trust, now); report.Outcome != Fails {
			t.Errorf("%s: it holds", name)
		}
	}
	listener.Close()
	for from := range asked {
		t.Errorf("a connection from %s", from)
	}
}
