package register

import (
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"

	"asugate/schema"
	"asugate/signature"
)

// DiffParticipants says in lines for people what importing a file would change: «+ path: new»,
// «- path: old», «~ path: old → new». inForce is what ExportParticipants wrote, empty when there is
// nothing yet.
func DiffParticipants(inForce, file []byte, dir string) ([]string, error) {
	before := &participantsFile{}
	if len(inForce) > 0 {
		var err error
		if before, err = readParticipants(inForce, ""); err != nil {
			return nil, fmt.Errorf("reading the participants in force: %w", err)
		}
	}
	after, err := readParticipants(file, dir)
	if err != nil {
		return nil, err
	}
	return diffFacts(factsOf(before), factsOf(after)), nil
}

// DiffStaff is the same for two versions of a staff list; before is nil when there was none.
func DiffStaff(before, after *schema.StaffList) []string {
	return diffFacts(staffFacts(before), staffFacts(after))
}

// facts are what a register says, by the path for people at which it says it.
type facts map[string]string

// diffFacts compares. A value is shown in one line, so that no imported text can pass for another
// line.
func diffFacts(before, after facts) []string {
	paths := slices.Sorted(maps.Keys(before))
	for path := range after {
		if _, found := before[path]; !found {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	var lines []string
	for _, path := range paths {
		old, was := before[path]
		now, is := after[path]
		switch {
		case !was:
			lines = append(lines, fmt.Sprintf("+ %s: %s", path, oneLine(now)))
		case !is:
			lines = append(lines, fmt.Sprintf("- %s: %s", path, oneLine(old)))
		case old != now:
			lines = append(lines, fmt.Sprintf("~ %s: %s → %s", path, oneLine(old), oneLine(now)))
		}
	}
	return lines
}

func oneLine(s string) string {
	quoted := fmt.Sprintf("%q", s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// factsOf takes a file of participants apart: its JSON form, list elements named by what identifies
// them instead of by their place.
func factsOf(f *participantsFile) facts {
	encoded, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and numbers only
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		panic(err)
	}
	found := facts{}
	found.add("", tree)
	return found
}

func (f facts) add(path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			f.add(strings.TrimPrefix(path+"."+key, "."), below)
		}
	case []any:
		if len(value) == 0 { // said, and not only left out
			f[path] = "none"
		}
		repeated := map[string]int{}
		for _, element := range value {
			name := elementName(element)
			if repeated[name]++; repeated[name] > 1 {
				name += fmt.Sprintf(" #%d", repeated[name])
			}
			if _, compound := element.(map[string]any); compound {
				f.add(path+"["+name+"]", element)
			} else {
				f[path+"["+name+"]"] = "yes"
			}
		}
	case nil: // a list that is not there
	default:
		f[path] = fmt.Sprint(value)
	}
}

// elementName is what people know an element of a list by.
func elementName(element any) string {
	object, compound := element.(map[string]any)
	if !compound {
		s := fmt.Sprint(element)
		if strings.HasPrefix(s, "-----BEGIN ") {
			return certificateTitle(s)
		}
		return oneLine(s)
	}
	for _, key := range []string{"code", "inn", "edrpou", "okpo", "serial", "name", "station", "workplace"} {
		// A person is known by name: their own tax number identifies them less to a reader.
		if _, isPerson := object["kinds"]; isPerson && key != "name" {
			continue
		}
		if s, found := object[key].(string); found {
			return oneLine(s)
		}
	}
	if _, isNumbering := object["scope"]; isNumbering {
		return "other stations"
	}
	return "?"
}

// certificateTitle names a certificate by its subject and the beginning of its SHA-256.
func certificateTitle(block string) string {
	decoded, _ := pem.Decode([]byte(block))
	if decoded == nil {
		return "unreadable certificate"
	}
	digest := sha256.Sum256(decoded.Bytes)
	certificates, err := signature.ParseCertificates([]byte(block))
	if err != nil || len(certificates) != 1 {
		return fmt.Sprintf("unreadable certificate %x", digest[:6])
	}
	return fmt.Sprintf("%s %x", oneLine(certificates[0].Subject.String()), digest[:6])
}

// staffFacts has one fact for each entry: people read a list by its rows.
func staffFacts(l *schema.StaffList) facts {
	found := facts{}
	if l == nil {
		return found
	}
	put := func(name, value string) {
		unique := name
		for n := 2; found[unique] != ""; n++ {
			unique = fmt.Sprintf("%s #%d", name, n)
		}
		found[unique] = value
	}
	for i := range l.Entries {
		e := &l.Entries[i]
		name := "entry " + personTitle(e.Person)
		if e.Recipient != "" {
			name += " (copy of " + e.Recipient + ")"
		}
		put(name, entryTitle(e))
	}
	for i := range l.Proxies {
		p := &l.Proxies[i]
		put(fmt.Sprintf("proxy %s of %s", p.Number, p.Date), proxyTitle(p))
	}
	return found
}

func entryTitle(e *schema.StaffEntry) string {
	value := fmt.Sprintf("%s, order %s of %s, %s", e.Post, e.OrderNumber, e.OrderDate, strings.Join(e.Works, " "))
	switch {
	case e.MaySign:
		value += ", may sign"
	case e.RightUnsaid:
		value += ", right to sign not told"
	}
	if len(e.Stations) > 0 {
		value += ", at " + strings.Join(e.Stations, " ")
	}
	return value + ", " + termTitle(e.From, e.To) + certificateSuffix(e.Certificate)
}

func proxyTitle(p *schema.PowerOfAttorney) string {
	value := personTitle(p.Holder)
	if p.Issuer.Name != "" {
		value += ", given by " + p.Issuer.Name
	}
	for _, principal := range p.Principals {
		value += ", for " + personTitle(principal)
	}
	value += ", " + termTitle(p.From, p.To)
	if !p.Withdrawn.IsZero() {
		value += ", withdrawn " + p.Withdrawn.String()
	}
	if len(p.Kinds) > 0 {
		value += fmt.Sprintf(", for %v", p.Kinds)
	}
	if len(p.Branches) > 0 {
		value += fmt.Sprintf(", for branches %v", p.Branches)
	}
	if p.Registry != "" {
		value += ", registered as " + p.Registry
	}
	return value + certificateSuffix(p.Certificate)
}

func personTitle(p schema.Person) string {
	title := p.Name
	for _, id := range []string{p.SNILS, p.INN, p.RNOKPP} {
		if id != "" {
			title += " " + id
		}
	}
	return title
}

func termTitle(from, to schema.Date) string {
	if to.IsZero() {
		return "from " + from.String()
	}
	return from.String() + " to " + to.String()
}

func certificateSuffix(r schema.CertificateRef) string {
	if r.IsZero() {
		return ""
	}
	return ", certificate " + r.Serial
}
