package conf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Duration is a length of time as people write it: 500ms, 30s, 5m, 24h, 30d.
type Duration time.Duration

// Std is the duration for the standard library.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the shortest form that ParseDuration reads back.
func (d Duration) String() string {
	if d != 0 && d%Duration(day) == 0 {
		return strconv.FormatInt(int64(d/Duration(day)), 10) + "d"
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// MarshalText writes the form of String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// ParseDuration reads a duration. A number without unit is refused: nobody remembers of what.
func ParseDuration(s string) (Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 31)
		if err != nil || n > uint64(math.MaxInt64/int64(day)) {
			return 0, fmt.Errorf("%s is no duration such as 30s, 5m, 24h or 30d", quote(s))
		}
		return Duration(n) * Duration(day), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || s == "0" {
		return 0, fmt.Errorf("%s is no duration such as 30s, 5m, 24h or 30d", quote(s))
	}
	if d < 0 {
		return 0, fmt.Errorf("%s is negative", quote(s))
	}
	return Duration(d), nil
}

// Size is a number of bytes as people write it: 512B, 64KiB, 5MiB, 1GiB.
type Size int64

const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

// units from the greatest down, so that String finds the shortest form.
var units = []struct {
	name string
	size Size
}{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", 1}}

// String writes the shortest form that ParseSize reads back.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return "0B"
}

// MarshalText writes the form of String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSize reads a size. Decimal units (MB) are refused rather than read as one or the other.
func ParseSize(text string) (Size, error) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || n > uint64(math.MaxInt64/int64(u.size)) {
			break
		}
		return Size(n) * u.size, nil
	}
	return 0, fmt.Errorf("%s is no size such as 512B, 64KiB, 5MiB or 1GiB", quote(text))
}

// quote shows what the operator wrote, bounded and escaped.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.Quote(s)
}
