package kpedo

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// der stands for a signature where none is looked at.
var der = []byte{0x30, 0x03, 0x02, 0x01, 0x07}

// message is a message of the railway, and what it is to say.
func message() (scene.KPEDO, gateway.Envelope) {
	return scene.KPEDO{Form: []byte("<data/>\n"), CMS: der}, gateway.Envelope{
		DocID: "1766398397", SourceDocID: "1248073", ProcessInstance: "6A5D093332614E10E10080000A164013",
		DocNum: "11013", ComposedAt: "19.07.2026 23:27", StateID: 548, StateName: "Подписан ОАО «РЖД»",
	}
}

// In whatever dress a message comes, the document, the signature and what is said around them are the same.
func TestUnwrap(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*scene.KPEDO, *gateway.Envelope)
		edit   func(string) string
	}{
		{name: "XML", change: func(*scene.KPEDO, *gateway.Envelope) {}},
		{name: "XML with a prefix", change: func(m *scene.KPEDO, _ *gateway.Envelope) { m.Prefix = "n0" }},
		{name: "SOAP", change: func(m *scene.KPEDO, _ *gateway.Envelope) { m.SOAP = true }},
		{name: "SOAP with a prefix", change: func(m *scene.KPEDO, _ *gateway.Envelope) { m.SOAP, m.Prefix = true, "n0" }},
		{name: "byte order mark", change: func(*scene.KPEDO, *gateway.Envelope) {}, edit: func(s string) string { return "\uFEFF" + s }},
		{name: "JSON", change: func(m *scene.KPEDO, e *gateway.Envelope) {
			m.JSON, e.DocDate = true, "19.07.2026 23:28:24"
		}},
		{name: "JSON with a byte order mark", change: func(m *scene.KPEDO, e *gateway.Envelope) {
			m.JSON, e.DocDate = true, "19.07.2026 23:28:24"
		}, edit: func(s string) string { return "\uFEFF\r\n" + s }},
		// Converters make an object of a list of one, and a list of several.
		{name: "JSON, the signature in a list", change: func(m *scene.KPEDO, e *gateway.Envelope) {
			m.JSON, m.List, e.DocDate = true, true, "19.07.2026 23:28:24"
		}},
		{name: "the client has signed as well", change: func(m *scene.KPEDO, e *gateway.Envelope) {
			m.Others, m.StateID, m.State = [][]byte{{0x30, 0x00}}, 469, "Подписан Клиентом"
			e.OtherSignatures, e.StateID, e.StateName = 1, 469, "Подписан Клиентом"
		}},
		{name: "the same in JSON", change: func(m *scene.KPEDO, e *gateway.Envelope) {
			m.JSON, m.Others, m.StateID, m.State = true, [][]byte{{0x30, 0x00}}, 696, "Автоматически согласован"
			e.OtherSignatures, e.StateID, e.StateName, e.DocDate = 1, 696, "Автоматически согласован", "19.07.2026 23:28:24"
		}},
		{name: "no Docid", change: func(m *scene.KPEDO, e *gateway.Envelope) { m.Docid, e.DocID = "-", "" }},
		// Of one wagon the provider makes an object, too. It is not what was signed, and nobody looks at it.
		{name: "another form beside it", change: func(m *scene.KPEDO, e *gateway.Envelope) {
			m.JSON, e.DocDate = true, "19.07.2026 23:28:24"
			m.Decoded = map[string]any{"data": map[string]any{"number": "99999",
				"wagons": map[string]any{"wagon": map[string]any{"wagon_number": "00000000", "containers": nil}}}}
		}},
		{name: "base64 in lines", change: func(*scene.KPEDO, *gateway.Envelope) {}, edit: func(s string) string {
			written := base64.StdEncoding.EncodeToString([]byte("<data/>\n"))
			return strings.Replace(s, written, "\r\n  "+written[:4]+"\n\t"+written[4:]+"\n", 1)
		}},
		{name: "the signature encoded twice", change: func(m *scene.KPEDO, _ *gateway.Envelope) {
			m.CMS = []byte(base64.StdEncoding.EncodeToString(der))
		}},
	} {
		m, want := message()
		c.change(&m, &want)
		body := m.Bytes()
		if c.edit != nil {
			body = []byte(c.edit(string(body)))
		}
		document, detached, got, ok, err := Unwrap(body, xmltree.DefaultLimits())
		if err != nil || !ok {
			t.Errorf("%s: %v, %v", c.name, ok, err)
			continue
		}
		if string(document) != "<data/>\n" || !bytes.Equal(detached, der) {
			t.Errorf("%s: document %q, signature %x", c.name, document, detached)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: envelope (-want +got):\n%s", c.name, diff)
		}
	}
}

// What is no getPPSReply goes on as it is, with nothing said against it.
func TestPassedOn(t *testing.T) {
	for _, body := range []string{
		"", "<Memo xmlns='urn:asugate:1'/>", "<data/>", "getPPSReply", `{}`, `{"code":0,"data":{"documents":[]}}`,
		"<Envelope><Body><Memo/></Body></Envelope>", "<Envelope/>", "<!-- getPPSReply --><Act/>", `"getPPSReply"`,
	} {
		if document, detached, e, ok, err := Unwrap([]byte(body), xmltree.DefaultLimits()); ok || err != nil ||
			document != nil || detached != nil || e != (gateway.Envelope{}) {
			t.Errorf("%q: %v, %v", body, ok, err)
		}
	}
}

// What says that it is such a message and cannot be read is refused, and says why.
func TestRefused(t *testing.T) {
	xml := func(change func(*scene.KPEDO), pairs ...string) string {
		m, _ := message()
		if change != nil {
			change(&m)
		}
		return edited(t, string(m.Bytes()), pairs)
	}
	json := func(pairs ...string) string {
		m, _ := message()
		m.JSON = true
		return edited(t, string(m.Bytes()), pairs)
	}
	signature := "<Signnum>1</Signnum>"
	for _, c := range []struct{ name, body, why string }{
		{"cut off", xml(nil)[:400], "malformed-xml"},
		{"JSON cut off", json()[:400], "malformed JSON"},
		{"a DOCTYPE", xml(nil, "<getPPSReply>", "<getPPSReply><!DOCTYPE x>"), "dtd-not-allowed"},
		{"another document", xml(func(m *scene.KPEDO) { m.Doctype = "GU-23" }), "Doctype is «GU-23»"},
		{"no type", xml(nil, "<Doctype>GU-45</Doctype>", ""), "Doctype is «»"},
		{"no document", xml(func(m *scene.KPEDO) { m.Form = nil }), "Doccontent: it is empty"},
		{"two documents", xml(nil, "<Doctype>", "<Doccontent>PGEvPg==</Doccontent><Doctype>"), "2 elements Doccontent"},
		{"two in JSON", json(`"Doctype"`, `"Doccontent": "PGEvPg==", "Doctype"`), "two members «Doccontent»"},
		{"two in a list", json(`"Doctype": "GU-45"`, `"Doctype": ["GU-45", "GU-45"]`), "2 elements Doctype"},
		{"two requests", xml(nil, "<Request>", "<Request></Request><Request>"), "2 elements Request"},
		{"one name written in two ways", json(`"Doctype"`, `"Doc\u0074ype": "GU-45", "Doctype"`), "two members «Doctype»"},
		{"elements in the document", xml(nil, "<Doccontent>", "<Doccontent><a/>"), "Doccontent holds «a»"},
		{"no base64", xml(nil, "<Doccontent>", "<Doccontent>="), "Doccontent: it is no base64"},
		{"bits left over", xml(func(m *scene.KPEDO) { m.Form = []byte("a") }, "YQ==", "YR=="), "Doccontent: it is no base64"},
		{"no signature", xml(nil, signature, "<Signnum>2</Signnum>"), "no signature with Signnum 1"},
		{"two of the carrier", xml(func(m *scene.KPEDO) { m.Others = [][]byte{der} }, "<Signnum>2</Signnum>", signature), "two signatures"},
		{"an empty signature", xml(func(m *scene.KPEDO) { m.CMS = nil }), "Signcontent: it is empty"},
		{"a signature that is none", xml(func(m *scene.KPEDO) { m.CMS = []byte("&") }), "neither DER nor base64"},
		{"a signature too large", xml(func(m *scene.KPEDO) { m.CMS = make([]byte, gateway.MaxDetached+1) }), "more than 65536 bytes"},
		{"too many signatures", xml(func(m *scene.KPEDO) { m.Others = make([][]byte, mostSignatures) }), "more than 16 signatures"},
		{"a key twice", xml(nil, "<Key>orgid</Key>", "<Key>doc_date</Key>"), "says «doc_date» twice"},
		{"a state of words", xml(nil, "<StateId>548</StateId>", "<StateId>signed</StateId>"), "StateId «signed»"},
		{"a Docid too long", xml(func(m *scene.KPEDO) { m.Docid = strings.Repeat("1", mostText+1) }), "Docid has more than 256 bytes"},
		{"a Docid that cannot be shown", xml(func(m *scene.KPEDO) { m.Docid = "1\u202e2" }), "not printable"},
		{"the summary of another", json(`"DocId": "1766398397"`, `"DocId": "1"`), "the summary is of document «1»"},
		{"a list in a list", json(`"Doctype": "GU-45"`, `"Doctype": [["GU-45"]]`), "a list in a list"},
		{"deep JSON", `{"a":` + strings.Repeat(`{"a":`, mostDepth) + "1" + strings.Repeat("}", mostDepth+1), "nested deeper"},
		{"deep XML", "<getPPSReply>" + strings.Repeat("<a>", mostDepth) + strings.Repeat("</a>", mostDepth) + "</getPPSReply>", "too-deep"},
		{"much JSON", `{"a":[1` + strings.Repeat(",1", mostNodes) + "]}", "more than 100000 values"},
		{"JSON that is not UTF-8", "{\"getPPSReply\":\"\xff\"}", "not UTF-8"},
		{"more after it", json() + "{}", "malformed JSON"},
	} {
		document, detached, e, ok, err := Unwrap([]byte(c.body), xmltree.DefaultLimits())
		if !ok || !errors.Is(err, gateway.ErrNotDocument) || document != nil || detached != nil || e != (gateway.Envelope{}) {
			t.Errorf("%s: %v, %v", c.name, ok, err)
			continue
		}
		if !strings.Contains(err.Error(), c.why) || len(err.Error()) > 500 {
			t.Errorf("%s: %v; want %s", c.name, err, c.why)
		}
	}
	m, _ := message()
	for _, j := range []bool{false, true} {
		m.JSON = j
		if _, _, _, ok, err := Unwrap(m.Bytes(), xmltree.Limits{Bytes: 100}); !ok || !errors.Is(err, gateway.ErrNotDocument) {
			t.Errorf("JSON %v: more than the limit: %v, %v", j, ok, err)
		}
	}
}

// edited replaces each first string by the second, once.
func edited(t *testing.T, text string, pairs []string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the message has no %s", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// carrierKey signs as the carrier does.
type carrierKey struct {
	name   string
	trust  *signature.Trust
	rules  *signature.Rules
	sign   func(t *testing.T, content []byte) []byte
	legacy bool
}

func carriers(t *testing.T) []carrierKey {
	now := time.Now()
	authority := pki.Must(pki.NewAuthority("ЦС (пример)", now))
	c := pki.Must(authority.Issue(pki.Request{Subject: pki.Subject{CommonName: "Смирнова Анна Андреевна"}}))
	key := pki.Must(signature.NewKey(c.Key, c.Chain...))
	return []carrierKey{{
		name:  c.Chain[0].PublicKeyAlgorithm.String(),
		trust: signature.NewTrust(pki.Must(signature.ParseCertificates(authority.CertificatePEM()))),
		sign:  func(_ *testing.T, content []byte) []byte { return pki.Must(key.SignDetached(content)) },
	}}
}

// gostCarriers sign with the GOST engine: of 2012, and as the railway does to this day, of 2001.
func gostCarriers(t *testing.T) []carrierKey {
	e := gostengine.New(t)
	var list []carrierKey
	for _, a := range []gostengine.Algorithm{gostengine.GOST2012_256, gostengine.GOST2012_512, gostengine.GOST2001} {
		ca := e.Authority(a, "ЦС (пример)")
		leaf := e.Issue(ca, a, "/CN=Смирнова Анна Андреевна")
		legacy := a == gostengine.GOST2001
		rules := &signature.Rules{}
		if legacy {
			rules.Legacy = signature.LegacyGOST2001
		}
		list = append(list, carrierKey{
			name: a.Key, trust: signature.NewTrust([]*x509.Certificate{ca.Certificate}), rules: rules, legacy: legacy,
			sign: func(_ *testing.T, content []byte) []byte { return e.SignCMS(leaf, content, "-cades") },
		})
	}
	return list
}

// From the message to the memo, with all that real documents have surprised others by: one wagon that is an
// object in JSON, rows of several memos of подача, times of Moscow at a far station, a declared encoding
// that is not that of the bytes, empty codes.
func TestCarriedThrough(t *testing.T) {
	t.Run("own", func(t *testing.T) { carryThrough(t, carriers(t)) })
	t.Run("gost", func(t *testing.T) { carryThrough(t, gostCarriers(t)) })
}

func carryThrough(t *testing.T, keys []carrierKey) {
	moscow := pki.Must(time.LoadLocation("Europe/Moscow"))
	now := time.Now().Truncate(time.Second)
	s := &scene.Scene{Now: now}
	removal := func(number, memo string) scene.KPEDOWagon {
		w := s.KPEDOWagon(number)
		w.In, w.Report, w.Out, w.Memo = now.Add(-50*time.Hour), now.Add(-3*time.Hour), now.Add(-time.Hour), memo
		return w
	}
	poor := removal("68091834", "")
	poor.Administration, poor.Report = "", time.Time{}
	forms := map[string]scene.KPEDOForm{
		"one wagon":            {Number: "11013"},
		"several memos":        {Number: "11020", Operation: "уборку", Wagons: []scene.KPEDOWagon{removal("63498000", "Памятка подачи №10983"), removal("62310784", "Памятка подачи №10984"), poor}},
		"a declared lie":       {Number: "11014", Encoding: "windows-1251"},
		"fields not known yet": {Number: "11015", Extra: "<track_id>7</track_id><track_id>8</track_id>"},
	}
	for _, key := range keys {
		for name, f := range forms {
			for _, json := range []bool{false, true} {
				form := s.KPEDOForm(f)
				m := scene.KPEDO{Form: form, CMS: key.sign(t, form), Number: f.Number, JSON: json}
				if f.Operation != "" {
					m.Operation = "Уборку"
				}
				memo := judged(t, key, m.Bytes(), moscow)
				if memo.Number != f.Number || memo.Platform != schema.PlatformKPEDO || memo.Station.Code != "985609" {
					t.Errorf("%s, %s: %+v", key.name, name, memo)
				}
				want := []schema.MemoWagon{{
					Order: 1, Number: "63498000", Administration: "20", Ownership: "СОБ", Operation: "вгр",
					Cargo: []schema.Cargo{{ETSNG: "161128", Name: "УГОЛЬ КАМЕННЫЙ МАРКИ Д"}}, Supplied: now.Add(-30 * time.Minute),
				}}
				if f.Wagons != nil {
					first := want[0]
					first.Supplied, first.Notified, first.Removed = now.Add(-50*time.Hour), now.Add(-3*time.Hour), now.Add(-time.Hour)
					first.SupplyMemo = "10983"
					second, third := first, first
					second.Order, second.Number, second.SupplyMemo = 2, "62310784", "10984"
					third.Order, third.Number, third.SupplyMemo = 3, "68091834", ""
					third.Administration, third.Notified = "", time.Time{}
					want = []schema.MemoWagon{first, second, third}
				}
				minutes := cmp.Comparer(func(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) })
				if diff := cmp.Diff(want, memo.Wagons, minutes); diff != "" {
					t.Errorf("%s, %s: wagons (-want +got):\n%s", key.name, name, diff)
				}
			}
		}
		form := s.KPEDOForm(scene.KPEDOForm{})
		changed := bytes.Replace(form, []byte("63498000"), []byte("62310784"), 1)
		m := scene.KPEDO{Form: changed, CMS: key.sign(t, form)}
		_, report := opened(t, key, m.Bytes())
		if report.Outcome == signature.Holds {
			t.Errorf("%s: a changed form holds", key.name)
		}
	}
}

// opened takes the message apart and judges the signature.
func opened(t *testing.T, key carrierKey, body []byte) (signature.Signed, signature.Report) {
	t.Helper()
	document, detached, _, ok, err := Unwrap(body, xmltree.DefaultLimits())
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return signature.Open(signature.Input{Tree: tree, Detached: detached}, key.trust, signature.Policy{Rules: key.rules}, time.Now())
}

// judged is what is read of a message that holds.
func judged(t *testing.T, key carrierKey, body []byte, zone *time.Location) *schema.Memo {
	t.Helper()
	signed, report := opened(t, key, body)
	if report.Outcome != signature.Holds || (report.Legacy != 0) != key.legacy {
		t.Fatalf("%s: %v, legacy %v", key.name, report.Faults, report.Legacy)
	}
	d, findings := schema.ParseForeign(signed, schema.Origin{DocumentID: "1766398397", SignedAt: report.ClaimedTime}, zone)
	if !d.Valid() {
		t.Fatalf("%s: %v", key.name, findings)
	}
	version, _ := schema.KPEDOVersion(report.ClaimedTime)
	if d.Version() != version || d.ID() != schema.KPEDOID("1766398397") || d.Kind() != schema.KindMemo {
		t.Errorf("%s: %s version %d", d.Kind(), d.ID(), d.Version())
	}
	return d.Memo()
}

// Whatever comes, Unwrap ends without panic; what it gives out is bounded by what came in.
func FuzzUnwrap(f *testing.F) {
	m, _ := message()
	f.Add(m.Bytes())
	m.JSON, m.Others = true, [][]byte{der}
	f.Add(m.Bytes())
	m.JSON, m.SOAP, m.Prefix = false, true, "n"
	f.Add(m.Bytes())
	f.Add([]byte(`{"getPPSReply":{"Request":{"Documentdata":[]}},"_summary":null}`))
	f.Add([]byte("\xff\xfe<\x00g\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		document, detached, e, ok, err := Unwrap(body, xmltree.Limits{Bytes: 1 << 16})
		if !bytes.Equal(before, body) {
			t.Fatal("the body has been changed")
		}
		if err != nil && (!ok || !errors.Is(err, gateway.ErrNotDocument) || len(err.Error()) > 1000) {
			t.Fatalf("%v: %v", ok, err)
		}
		whole := ok && err == nil
		if whole != (len(document) > 0) || whole != (len(detached) > 0) || len(document)+len(detached) > len(body) {
			t.Fatalf("%v, %v: %d and %d bytes of %d", ok, err, len(document), len(detached), len(body))
		}
		if !whole && e != (gateway.Envelope{}) {
			t.Fatalf("%+v", e)
		}
		for _, text := range []string{e.DocID, e.SourceDocID, e.ProcessInstance, e.DocNum, e.DocDate, e.ComposedAt, e.StateName} {
			if len(text) > mostText || strings.ContainsAny(text, "\n\x00") {
				t.Fatalf("%q", text)
			}
		}
	})
}
