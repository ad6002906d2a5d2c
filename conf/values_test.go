package conf

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"500ms": 500 * time.Millisecond, "30s": 30 * time.Second, "5m": 5 * time.Minute,
		"24h": 24 * time.Hour, "30d": 720 * time.Hour, "0s": 0, "1m1s": 61 * time.Second, "0d": 0,
	} {
		got, err := ParseDuration(text)
		if err != nil || got.Std() != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
		if again, err := ParseDuration(got.String()); err != nil || again != got {
			t.Errorf("%s is written %s and read back %v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "30", "0", "-5s", "-1d", "1.5d", "106752d", "d", "1y", "99999999999d", "5 m"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0B": 0, "512B": 512, "64KiB": 65536, "5MiB": 5 << 20, "1GiB": 1 << 30, "1536KiB": 1536 << 10, "1025B": 1025,
	} {
		got, err := ParseSize(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
		if again, err := ParseSize(got.String()); err != nil || again != got {
			t.Errorf("%s is written %s and read back %v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "5", "5MB", "5mib", "-1B", "1.5MiB", "MiB", "8589934592GiB", "5 MiB", "+1B"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
