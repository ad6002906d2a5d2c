package conf

import (
	"fmt"
	"net/url"

	"github.com/goccy/go-yaml"
)

// Effective is the configuration in force, defaults included, as YAML that Load reads back. It has
// no secrets: Validate refuses a password in the broker's URL, and here it is masked.
func (c *Config) Effective() ([]byte, error) {
	shown := *c
	if u, err := url.Parse(c.Broker.URL); err != nil {
		shown.Broker.URL = "unreadable"
	} else if u.User != nil {
		shown.Broker.URL = u.Redacted()
	}
	text, err := yaml.Marshal(&shown)
	if err != nil {
		return nil, fmt.Errorf("writing configuration: %w", err)
	}
	return text, nil
}
