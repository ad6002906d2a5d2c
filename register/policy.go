package register

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"asugate/schema"
	"asugate/signature"
)

// policyEntry says how strictly signatures are judged: for everybody at the top of the file, and for
// one participant or railway inside it, where what is said replaces what is said above, field by
// field, level by level, algorithm by algorithm.
type policyEntry struct {
	Levels         map[text]text `yaml:"levels,omitempty" json:"levels,omitempty"`
	Legacy         []text        `yaml:"legacy,omitzero" json:"legacy,omitzero"` // empty: takes the switches away
	Ends           map[text]text `yaml:"ends,omitempty" json:"ends,omitempty"`
	MinRSA         whole         `yaml:"min_rsa,omitempty" json:"min_rsa,omitempty"`
	MinEC          whole         `yaml:"min_ec,omitempty" json:"min_ec,omitempty"`
	SigningTimeAge text          `yaml:"signing_time_age,omitempty" json:"signing_time_age,omitempty"`
}

// levels by the words of the file.
var levels = map[text]signature.Level{
	"fail": signature.Fail, "warn": signature.Warn, "ignore": signature.Ignore,
}

// never is the signing_time_age of those whose stated signing time is not to be believed at all.
const never = "never"

// Bounds of what a policy may say. Who wants RSA keys below 2048 bits needs the switch for them too.
const (
	leastRSA, ordinaryRSA, mostRSA = 1024, 2048, 8192
	leastEC, mostEC                = 256, 521
	ordinaryAge, mostAge           = 24 * time.Hour, 366 * 24 * time.Hour
)

// under is the policy with what it leaves open filled in from the one above it.
func (p policyEntry) under(above policyEntry) policyEntry {
	merge := func(above, own map[text]text) map[text]text {
		all := maps.Clone(above)
		if all == nil {
			all = map[text]text{}
		}
		maps.Copy(all, own)
		return all
	}
	p.Levels, p.Ends = merge(above.Levels, p.Levels), merge(above.Ends, p.Ends)
	if p.Legacy == nil {
		p.Legacy = above.Legacy
	}
	if p.MinRSA == 0 {
		p.MinRSA = above.MinRSA
	}
	if p.MinEC == 0 {
		p.MinEC = above.MinEC
	}
	setDefault(&p.SigningTimeAge, above.SigningTimeAge)
	return p
}

// policy checks a section, and with it the whole that it makes with the section above.
func (c *checker) policy(path string, own, above policyEntry) {
	known := signature.Relaxable()
	for _, name := range slices.Sorted(maps.Keys(own.Levels)) {
		at := path + ".levels." + string(name)
		if !slices.Contains(known, string(name)) {
			c.problem(at, "%q is not a check whose level can be set: %s", bounded(string(name)), strings.Join(known, ", "))
		}
		c.oneOf(at, own.Levels[name], []string{"fail", "warn", "ignore"})
	}
	for i, name := range own.Legacy {
		at := fmt.Sprintf("%s.legacy[%d]", path, i)
		if signature.LegacyOf(string(name)) == 0 {
			c.problem(at, "%q is not one of %v", bounded(string(name)), (^signature.Legacy(0)).Names())
		}
		if slices.Contains(own.Legacy[:i], name) {
			c.problem(at, "%s is there twice", bounded(string(name)))
		}
	}
	algorithms := signature.Algorithms()
	for _, name := range slices.Sorted(maps.Keys(own.Ends)) {
		at := path + ".ends." + string(name)
		if !slices.Contains(algorithms, string(name)) {
			c.problem(at, "%q is not one of %v", bounded(string(name)), algorithms)
		}
		if day, err := dateOf(own.Ends[name]); err != nil || day.IsZero() {
			c.problem(at, "a day is written 2026-01-31")
		}
	}
	if own.MinRSA != 0 && (own.MinRSA < leastRSA || own.MinRSA > mostRSA) {
		c.problem(path+".min_rsa", "an RSA key has %d to %d bits", leastRSA, mostRSA)
	}
	if own.MinEC != 0 && (own.MinEC < leastEC || own.MinEC > mostEC) {
		c.problem(path+".min_ec", "a key on an elliptic curve has %d to %d bits", leastEC, mostEC)
	}
	if _, err := ageOf(own.SigningTimeAge); err != nil {
		c.problem(path+".signing_time_age", "%v", err)
	}
	whole := own.under(above)
	weak := whole.MinRSA != 0 && whole.MinRSA < ordinaryRSA
	if weak && !slices.Contains(whole.Legacy, text(signature.LegacyRSA1024.Names()[0])) {
		c.problem(path+".min_rsa", "below %d bits the switch %v is needed", ordinaryRSA, signature.LegacyRSA1024.Names())
	}
}

// ageOf reads a signing_time_age: 0 where nothing is said, negative for never.
func ageOf(s text) (time.Duration, error) {
	switch s {
	case "":
		return 0, nil
	case never:
		return -1, nil
	}
	age, err := time.ParseDuration(string(s))
	if err != nil || age < time.Minute || age > mostAge {
		return 0, fmt.Errorf("an age is 1m to %v, like 24h, or %s", mostAge, never)
	}
	return age, nil
}

// rulesOf compiles a policy whose algorithms end in a zone; nil where it says nothing that is not so
// anyway. What says the same is the same value, so that whoever remembers by it remembers for all.
func (c *compiler) rulesOf(p policyEntry, zone *time.Location) *signature.Rules {
	r := &signature.Rules{Levels: map[string]signature.Level{}, Ends: map[string]time.Time{}}
	for name, level := range p.Levels {
		if levels[level] != signature.DefaultLevel(string(name)) {
			r.Levels[string(name)] = levels[level]
		}
	}
	for _, name := range p.Legacy {
		r.Legacy |= signature.LegacyOf(string(name))
	}
	for name, day := range p.Ends {
		r.Ends[string(name)] = startOf(c.date(day), zone)
	}
	r.MinRSA, r.MinEC = int(p.MinRSA), int(p.MinEC)
	ordinary := ordinaryRSA
	if r.Legacy&signature.LegacyRSA1024 != 0 {
		ordinary = leastRSA
	}
	if r.MinRSA == ordinary {
		r.MinRSA = 0
	}
	if r.MinEC == leastEC {
		r.MinEC = 0
	}
	age, err := ageOf(p.SigningTimeAge)
	c.keep(err)
	if r.SigningTimeAge = age; age == ordinaryAge {
		r.SigningTimeAge = 0
	}
	name := rulesText(r)
	if name == "" {
		return nil
	}
	if same := c.rules[name]; same != nil {
		return same
	}
	c.rules[name] = r
	return r
}

// startOf is the first moment of a day in a zone.
func startOf(d schema.Date, zone *time.Location) time.Time {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, zone)
}

// rulesText writes rules in the one way in which they can be written; empty for the strict default.
func rulesText(r *signature.Rules) string {
	if r == nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r.Levels)) {
		word := ""
		for w, level := range levels {
			if level == r.Levels[name] {
				word = string(w)
			}
		}
		parts = append(parts, "level:"+name+"="+word)
	}
	for _, name := range r.Legacy.Names() {
		parts = append(parts, "legacy:"+name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Ends)) {
		parts = append(parts, "end:"+name+"="+r.Ends[name].UTC().Format(time.RFC3339))
	}
	for _, one := range []struct {
		name  string
		value int64
	}{{"min-rsa", int64(r.MinRSA)}, {"min-ec", int64(r.MinEC)}, {"signing-time-age", int64(r.SigningTimeAge)}} {
		if one.value != 0 {
			parts = append(parts, one.name+"="+strconv.FormatInt(one.value, 10))
		}
	}
	return strings.Join(parts, " ")
}

// ReadPolicy reads the top-level section «policy» of a file of participants, of which nothing else
// need be there, for a judgement without a register. Algorithms end at midnight UTC. The hash is
// that of what the section says.
func ReadPolicy(file []byte) (rules *signature.Rules, hash string, err error) {
	f := &participantsFile{}
	doc, err := readYAML(file, f)
	if err != nil {
		return nil, "", err
	}
	check := &checker{doc: doc}
	check.policy("policy", f.Policy, policyEntry{})
	if err := check.err(); err != nil {
		return nil, "", err
	}
	c := newCompiler()
	rules = c.rulesOf(f.Policy, time.UTC)
	digest := sha256.Sum256([]byte(rulesText(rules)))
	return rules, hex.EncodeToString(digest[:]), c.err
}

// sealEntry says how what a participant gets is signed.
type sealEntry struct {
	Container text `yaml:"container,omitempty" json:"container,omitempty"`
	Key       text `yaml:"key,omitempty" json:"key,omitempty"`
}

// seal checks that the container is one and that the key has a name; whether the installation has
// such a key its own configuration says.
func (c *checker) seal(path string, s sealEntry) {
	if s.Container != "" {
		c.oneOf(path+".container", s.Container, []string{SealXMLDSig, SealCMS})
	}
	c.longText(path+".key", s.Key, 64)
}
