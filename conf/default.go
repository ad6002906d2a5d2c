package conf

import "time"

// Default is the one home of every default. gatewayd.yaml tells them to people; a test holds the
// two together.
func Default() *Config {
	return &Config{
		Listen: Listen{
			Address:                 "127.0.0.1:8080",
			TLS:                     ServerTLS{MinVersion: "1.2"},
			ClientCertificateHeader: "Client-Cert",
			ReadHeaderTimeout:       Duration(10 * time.Second),
			ReadTimeout:             Duration(time.Minute),
			WriteTimeout:            Duration(30 * time.Second),
			IdleTimeout:             Duration(2 * time.Minute),
			MaxHeader:               32 * KiB,
			MaxConnections:          1000,
		},
		Push: Push{
			Timeout:  Duration(30 * time.Second),
			RetryMax: Duration(5 * time.Minute),
		},
		Ops: Ops{
			Address:         "127.0.0.1:9464",
			CertificateWarn: Duration(30 * day),
			StaffMaxAge:     Duration(30 * day),
		},
		Admin:      Admin{Socket: "/run/gatewayd/admin.sock"},
		Store:      Store{Path: "/var/lib/gatewayd/gatewayd.db", MinFree: 256 * MiB},
		Revocation: defaultRevocation(),
		Office: Office{
			Transport: TransportSpool,
			Railway:   "RZD",
		},
		Spool: Spool{Dir: "/var/lib/gatewayd/spool", Interval: Duration(time.Second)},
		Broker: Broker{
			URL:            "amqp://127.0.0.1:5672/",
			Exchange:       "asugate.out",
			OfficeQueue:    "asugate.office",
			InboundQueue:   "asugate.in",
			Topology:       "declare",
			Window:         256,
			Heartbeat:      Duration(10 * time.Second),
			ConfirmTimeout: Duration(30 * time.Second),
		},
		Limits: Limits{
			MaxDocument:            5 * MiB,
			MaxInFlight:            64,
			MaxInFlightParticipant: 32,
			InFlightWait:           Duration(2 * time.Second),
			Handling:               Duration(30 * time.Second),
			WaitMax:                Duration(time.Minute),
			OutboxLimit:            10000,
			Rate:                   100,
			Burst:                  200,
			Unverified:             1000,
		},
		Retention: Retention{
			Accepted: Duration(1826 * day),
			Refused:  Duration(90 * day),
			Verdicts: Duration(1826 * day),
			Messages: Duration(400 * day),
			Notices:  Duration(1826 * day),
			Acts:     Duration(1826 * day),
		},
		Shutdown: Shutdown{Grace: Duration(30 * time.Second)},
		Log:      Log{Level: "info"},
	}
}
