package register

import (
	"errors"
	"strings"
	"testing"
	"time"

	"asugate/signature"
	"asugate/store"

	"github.com/google/go-cmp/cmp"
)

// compiled is the directory that a file makes.
func compiled(t *testing.T, file string) *Directory {
	t.Helper()
	r, s := openRegister(t, startClock())
	if _, err := r.ImportParticipants([]byte(file), "", "operator"); err != nil {
		t.Fatal(err)
	}
	var d *Directory
	view(t, s, func(tx store.Reader) {
		var err error
		if d, err = r.Directory(tx); err != nil {
			t.Fatal(err)
		}
	})
	return d
}

// within puts a section into the minimal file: at the top, into the railway, into the participant.
func within(t *testing.T, top, railway, participant string) string {
	t.Helper()
	return inserted(minimal(t), top, railway, participant)
}

func inserted(file, top, railway, participant string) string {
	file = strings.Replace(file, "    profile: rzd\n", "    profile: rzd\n"+railway, 1)
	file = strings.Replace(file, "  - code: SHIP-01\n", "  - code: SHIP-01\n"+participant, 1)
	return top + file
}

// What is said of a party replaces what is said of all, field by field.
func TestPolicyIsCompiled(t *testing.T) {
	d := compiled(t, within(t, `policy:
  levels: {key-usage: warn, revocation-unconfigured: fail}
  legacy: [sha1, gost-2001]
  ends: {rsa-sha256: 2030-01-01, sha256: 2035-06-01}
  min_rsa: 3072
  signing_time_age: 48h
`, "", `    policy:
      levels: {key-usage: ignore}
      legacy: []
      ends: {rsa-sha256: 2028-01-01}
      min_ec: 384
      signing_time_age: never
`))
	moscow := d.Railways["RZD"].Zone
	of2030, of2028 := time.Date(2030, 1, 1, 0, 0, 0, 0, moscow), time.Date(2028, 1, 1, 0, 0, 0, 0, moscow)
	of2035 := time.Date(2035, 6, 1, 0, 0, 0, 0, moscow)
	want := &signature.Rules{
		Levels: map[string]signature.Level{"key-usage": signature.Warn, "revocation-unconfigured": signature.Fail},
		Legacy: signature.LegacySHA1 | signature.LegacyGOST2001,
		Ends:   map[string]time.Time{"rsa-sha256": of2030, "sha256": of2035},
		MinRSA: 3072, SigningTimeAge: 48 * time.Hour,
	}
	if diff := cmp.Diff(want, d.Railways["RZD"].Rules); diff != "" {
		t.Errorf("railway: %s", diff)
	}
	want = &signature.Rules{
		Levels: map[string]signature.Level{"key-usage": signature.Ignore, "revocation-unconfigured": signature.Fail},
		Ends:   map[string]time.Time{"rsa-sha256": of2028, "sha256": of2035},
		MinRSA: 3072, MinEC: 384, SigningTimeAge: -1,
	}
	if diff := cmp.Diff(want, d.Participants["SHIP-01"].Rules); diff != "" {
		t.Errorf("participant: %s", diff)
	}
}

// Rules that say the same are the same value; those that say nothing are none.
func TestRulesAreShared(t *testing.T) {
	d := compiled(t, within(t, "policy: {min_rsa: 3072}\n", "", "    policy: {levels: {revocation: fail}}\n"))
	if p, r := d.Participants["SHIP-01"].Rules, d.Railways["RZD"].Rules; p != r || p == nil {
		t.Errorf("%p and %p", p, r)
	}
	d = compiled(t, within(t, "policy: {min_rsa: 2048, min_ec: 256, signing_time_age: 24h, levels: {legacy: warn}}\n", "", ""))
	if d.Participants["SHIP-01"].Rules != nil {
		t.Errorf("%+v", d.Participants["SHIP-01"].Rules)
	}
}

// The hash changes with each switch and with nothing else.
func TestPolicyHash(t *testing.T) {
	hash := func(top, railway, participant string) string {
		return compiled(t, within(t, top, railway, participant)).Policy()
	}
	strict := hash("", "", "")
	seen := map[string]string{strict: "strict"}
	for _, section := range []string{
		"levels: {key-usage: warn}", "levels: {key-usage: ignore}", "levels: {legacy: fail}", "legacy: [sha1]", "legacy: [sha1, key-value]",
		"ends: {rsa-sha256: 2030-01-01}", "ends: {rsa-sha256: 2030-01-02}", "ends: {rsa-sha384: 2030-01-01}",
		"min_rsa: 3072", "min_ec: 384", "signing_time_age: never", "signing_time_age: 1h",
	} {
		for where, h := range map[string]string{
			"top":         hash("policy: {"+section+"}\n", "", ""),
			"railway":     hash("", "    policy: {"+section+"}\n", ""),
			"participant": hash("", "", "    policy: {"+section+"}\n"),
		} {
			if other := seen[h]; other != "" {
				t.Errorf("%s at %s has the hash of %s", section, where, other)
			}
			seen[h] = section + " at " + where
		}
	}
	for name, h := range map[string]string{
		"what is so anyway":      hash("policy: {levels: {key-usage: fail}, min_rsa: 2048, signing_time_age: 24h}\n", "", ""),
		"an empty list":          hash("policy: {legacy: []}\n", "", ""),
		"taken back":             hash("policy: {legacy: [sha1]}\n", "    policy: {legacy: []}\n", "    policy: {legacy: []}\n"),
		"the seal":               hash("", "", "    seal: {container: cms, key: second}\n"),
		"the same below the top": hash("", "    policy: {min_ec: 256}\n", ""),
	} {
		if h != strict {
			t.Errorf("%s changes the hash", name)
		}
	}
	a := hash("policy: {legacy: [sha1, key-value], levels: {key-usage: warn, key-period: warn}}\n", "", "")
	b := hash("policy:\n  levels:\n    key-period: warn\n    key-usage: warn\n  legacy: [key-value, sha1]\n", "", "")
	if a != b {
		t.Error("the order of what is said changes the hash")
	}
}

// Each mistake is named with its line.
func TestPolicyMistakes(t *testing.T) {
	for _, c := range []struct{ section, want string }{
		{"levels: {digest: warn}", `"digest" is not a check whose level can be set: legacy,`},
		{"levels: {nonsense: warn}", `"nonsense" is not a check`},
		{"levels: {key-usage: maybe}", `"maybe" is not one of [fail warn ignore]`},
		{"legacy: [md5]", `"md5" is not one of [sha1 rsa-1024 key-value gost-2001]`},
		{"legacy: [sha1, sha1]", "sha1 is there twice"},
		{"ends: {md5: 2030-01-01}", `"md5" is not one of [`},
		{"ends: {rsa-sha256: soon}", "a day is written 2026-01-31"},
		{`ends: {rsa-sha256: ""}`, "a day is written 2026-01-31"},
		{"min_rsa: 512", "an RSA key has 1024 to 8192 bits"},
		{"min_rsa: 1024", "below 2048 bits the switch [rsa-1024] is needed"},
		{"min_ec: 128", "a key on an elliptic curve has 256 to 521 bits"},
		{"signing_time_age: forever", "an age is 1m to 8784h0m0s, like 24h, or never"},
		{"signing_time_age: 1s", "an age is 1m"},
		{"nonsense: 1", "unknown field"},
		{"legacy:", "there is no value"},
	} {
		for where, file := range map[string]string{
			"policy":                 within(t, "policy:\n  "+c.section+"\n", "", ""),
			"railways[0].policy":     within(t, "", "    policy:\n      "+c.section+"\n", ""),
			"participants[0].policy": within(t, "", "", "    policy:\n      "+c.section+"\n"),
		} {
			r, _ := openRegister(t, startClock())
			_, err := r.ImportParticipants([]byte(file), "", "operator")
			var refused *FileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "line ") {
				t.Errorf("%s in %s: %v", c.section, where, err)
			}
		}
	}
}

// What the switch is for: with it the minimum may be lower, also when it is said at the top.
func TestWeakRSAWithItsSwitch(t *testing.T) {
	d := compiled(t, within(t, "policy: {legacy: [rsa-1024]}\n", "", "    policy: {min_rsa: 1536}\n"))
	if r := d.Participants["SHIP-01"].Rules; r.MinRSA != 1536 || r.Legacy != signature.LegacyRSA1024 {
		t.Errorf("%+v", r)
	}
}

// Policy and seal survive export and import, and a difference is told.
func TestPolicyIsExportedAndCompared(t *testing.T) {
	base := minimal(t)
	file := inserted(base, "policy: {legacy: [sha1], levels: {key-usage: warn}}\n", "",
		"    policy:\n      legacy: []\n      ends: {rsa-sha256: 2030-01-01}\n    seal: {container: cms, key: second}\n")
	r, s := openRegister(t, startClock())
	if _, err := r.ImportParticipants([]byte(file), "", "operator"); err != nil {
		t.Fatal(err)
	}
	var out []byte
	view(t, s, func(tx store.Reader) {
		var err error
		if out, err = r.ExportParticipants(tx, 1); err != nil {
			t.Fatal(err)
		}
	})
	if version, err := r.ImportParticipants(out, "", "operator"); err != nil || version != 1 {
		t.Errorf("importing what was exported makes version %d, %v:\n%s", version, err, out)
	}
	if d := compiled(t, string(out)); d.Participants["SHIP-01"].Seal != (Seal{SealCMS, "second"}) {
		t.Errorf("%+v", d.Participants["SHIP-01"].Seal)
	}
	lines, err := DiffParticipants([]byte(base), out, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"+ participants[SHIP-01].policy.ends.rsa-sha256: 2030-01-01",
		"+ participants[SHIP-01].policy.legacy: none",
		"+ participants[SHIP-01].seal.container: cms",
		"+ participants[SHIP-01].seal.key: second",
		"+ policy.legacy[sha1]: yes",
		"+ policy.levels.key-usage: warn",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// Without a word of it the seal is inside the document, with the first key.
func TestSealDefault(t *testing.T) {
	if seal := compiled(t, minimal(t)).Participants["SHIP-01"].Seal; seal != (Seal{SealXMLDSig, ""}) {
		t.Errorf("%+v", seal)
	}
	r, _ := openRegister(t, startClock())
	_, err := r.ImportParticipants([]byte(within(t, "", "", "    seal: {container: pdf}\n")), "", "operator")
	if err == nil || !strings.Contains(err.Error(), `"pdf" is not one of [xmldsig cms]`) {
		t.Errorf("%v", err)
	}
}

// A policy is read alone, or out of a whole register.
func TestReadPolicy(t *testing.T) {
	alone, hash, err := ReadPolicy([]byte("policy: {min_rsa: 3072, ends: {sha256: 2030-01-01}}\n"))
	if err != nil || alone.MinRSA != 3072 || !alone.Ends["sha256"].Equal(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v, %v", alone, err)
	}
	_, whole, err := ReadPolicy([]byte(within(t, "policy: {min_rsa: 3072, ends: {sha256: 2030-01-01}}\n", "", "")))
	if err != nil || whole != hash || len(hash) != 64 {
		t.Errorf("%s and %s, %v", hash, whole, err)
	}
	none, _, err := ReadPolicy([]byte("railways: []\n"))
	if err != nil || none != nil {
		t.Errorf("%+v, %v", none, err)
	}
	if _, _, err := ReadPolicy([]byte("policy: {min_rsa: 1}\n")); err == nil {
		t.Error("a wrong one is read")
	}
}
