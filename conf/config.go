package conf

import (
	"cmp"
	"time"
)

// Config is everything that the operator may say about this machine.
type Config struct {
	Listen       Listen       `yaml:"listen"`
	Push         Push         `yaml:"push"`
	Ops          Ops          `yaml:"ops"`
	Admin        Admin        `yaml:"admin"`
	Store        Store        `yaml:"store"`
	Signing      Signing      `yaml:"signing"`
	Verification Verification `yaml:"verification"`
	Revocation   Revocation   `yaml:"revocation"`
	Codes        Codes        `yaml:"codes"`
	Office       Office       `yaml:"office"`
	Spool        Spool        `yaml:"spool"`
	Broker       Broker       `yaml:"broker"`
	Limits       Limits       `yaml:"limits"`
	Retention    Retention    `yaml:"retention"`
	Shutdown     Shutdown     `yaml:"shutdown"`
	Log          Log          `yaml:"log"`

	source source // where Load found each value, so that Validate can point at it
}

// Listen is the listener for the clients' systems («АСУ клиента»).
type Listen struct {
	Address                 string    `yaml:"address"`
	Insecure                bool      `yaml:"insecure"`
	TLS                     ServerTLS `yaml:"tls"`
	TrustedProxies          []string  `yaml:"trusted_proxies"`
	ClientCertificateHeader string    `yaml:"client_certificate_header"`
	ReadHeaderTimeout       Duration  `yaml:"read_header_timeout"`
	ReadTimeout             Duration  `yaml:"read_timeout"`
	WriteTimeout            Duration  `yaml:"write_timeout"`
	IdleTimeout             Duration  `yaml:"idle_timeout"`
	MaxHeader               Size      `yaml:"max_header"`
	MaxConnections          int       `yaml:"max_connections"`
}

// ServerTLS is how we show ourselves to clients, and whom of them we ask for a certificate.
type ServerTLS struct {
	Certificate              string `yaml:"certificate"`
	Key                      string `yaml:"key"`
	ClientCA                 string `yaml:"client_ca"`
	RequireClientCertificate bool   `yaml:"require_client_certificate"`
	MinVersion               string `yaml:"min_version"`
}

// Enabled says that the listener speaks TLS.
func (t ServerTLS) Enabled() bool { return t.Certificate != "" || t.Key != "" }

// Push is how messages are sent to participants that gave a URL.
type Push struct {
	Timeout       Duration `yaml:"timeout"`
	RetryMax      Duration `yaml:"retry_max"`
	CA            string   `yaml:"ca"`
	AllowLoopback bool     `yaml:"allow_loopback"`
	Insecure      bool     `yaml:"insecure"`
}

// Ops is the listener for whoever operates the gateway, and what it warns of.
type Ops struct {
	Address         string   `yaml:"address"`
	Pprof           bool     `yaml:"pprof"`
	CertificateWarn Duration `yaml:"certificate_warn"`
	StaffMaxAge     Duration `yaml:"staff_max_age"`
}

// Admin is the socket over which operator commands reach the running daemon.
type Admin struct {
	Socket string `yaml:"socket"`
}

// Store is the embedded database.
type Store struct {
	Path    string `yaml:"path"`
	MinFree Size   `yaml:"min_free"`
}

// Signing is what the gateway signs its ЭСИД with.
type Signing struct {
	Keys []SigningKey `yaml:"keys"`
}

// DefaultKey is the name of a signing key that is given none.
const DefaultKey = "default"

// SigningKey signs from a time on, until the next key of its name begins. It is in a file, or with a
// program that signs for us (docs/signer-process.md).
type SigningKey struct {
	Name        string    `yaml:"name,omitempty"`    // empty: DefaultKey
	Key         string    `yaml:"key,omitempty"`     // file; else
	Command     []string  `yaml:"command,omitempty"` // absolute path and arguments
	Certificate string    `yaml:"certificate"`
	From        time.Time `yaml:"from,omitempty"` // zero: always
}

// KeyName is the name by which the register of participants knows the key.
func (k SigningKey) KeyName() string { return cmp.Or(k.Name, DefaultKey) }

// Verification is who verifies signatures in our place.
type Verification struct {
	GOST Program `yaml:"gost"`
}

// Codes is where the code tables come from that documents are held against.
type Codes struct {
	Tables string `yaml:"tables"` // folder; a table that is not there is the shipped one
}

// Program is one that we start and talk to (docs/signer-process.md).
type Program struct {
	Command []string `yaml:"command"` // absolute path and arguments; none: there is no program
}

// Transports to the back office.
const (
	TransportSpool  = "spool"
	TransportRabbit = "rabbit"
)

// Office is the railway's back office: how it is reached, and as whom it speaks.
type Office struct {
	Transport string `yaml:"transport"` // spool | rabbit
	Railway   string `yaml:"railway"`
}

// Spool is the exchange of files with the back office.
type Spool struct {
	Dir      string   `yaml:"dir"`
	Interval Duration `yaml:"interval"`
}

// Broker is the exchange of messages with the back office over AMQP 0-9-1.
type Broker struct {
	URL            string    `yaml:"url"`
	Credentials    string    `yaml:"credentials"`
	TLS            BrokerTLS `yaml:"tls"`
	Exchange       string    `yaml:"exchange"`
	OfficeQueue    string    `yaml:"office_queue"`
	InboundQueue   string    `yaml:"inbound_queue"`
	Topology       string    `yaml:"topology"` // declare | check | none
	Window         int       `yaml:"window"`
	Heartbeat      Duration  `yaml:"heartbeat"`
	ConfirmTimeout Duration  `yaml:"confirm_timeout"`
}

// BrokerTLS is whom we believe to be the broker, and who we are to it.
type BrokerTLS struct {
	CA          string `yaml:"ca"`
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	ServerName  string `yaml:"server_name"`
}

// Limits keep one partner, however broken or fast, from stopping the others.
type Limits struct {
	MaxDocument            Size     `yaml:"max_document"`
	MaxInFlight            int      `yaml:"max_in_flight"`
	MaxInFlightParticipant int      `yaml:"max_in_flight_participant"`
	InFlightWait           Duration `yaml:"in_flight_wait"`
	Handling               Duration `yaml:"handling"`
	WaitMax                Duration `yaml:"wait_max"`
	OutboxLimit            int      `yaml:"outbox_limit"`
	Rate                   float64  `yaml:"rate"`
	Burst                  int      `yaml:"burst"`
	Unverified             int      `yaml:"unverified"`
}

// Retention is for how long what is finished is kept; zero: for ever.
type Retention struct {
	Accepted Duration `yaml:"accepted"`
	Refused  Duration `yaml:"refused"`
	Verdicts Duration `yaml:"verdicts"`
	Messages Duration `yaml:"messages"`
	Notices  Duration `yaml:"notices"`
	Acts     Duration `yaml:"acts"`
}

// Shutdown is how the daemon stops.
type Shutdown struct {
	Grace Duration `yaml:"grace"`
}

// Log is what is written to standard error, one JSON object a line.
type Log struct {
	Level string `yaml:"level"` // debug | info | warn | error
}
