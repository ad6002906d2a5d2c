package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"asugate/conf"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/store/bolt"
)

// stage is the demonstration's machine: certificates, registers, configuration and an empty store.
type stage struct {
	*scene.Scene
	dir    string
	config *conf.Config
	log    *slog.Logger
	secret string
}

// stageDemo makes everything that an operator would make, by the same means.
func stageDemo(dir string) (*stage, error) {
	s, err := scene.New(time.Now())
	if err != nil {
		return nil, err
	}
	st := &stage{Scene: s, dir: dir}
	if err := st.writeFiles(); err != nil {
		return nil, err
	}
	if st.config, err = conf.Load(filepath.Join(dir, "gatewayd.yaml")); err == nil {
		err = st.config.Validate()
	}
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "gatewayd.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	st.log = newLog(log, "info")
	if err := bolt.Create(st.config.Store.Path, bolt.Meta{Environment: "test", Created: time.Now().UTC()}); err != nil {
		return nil, err
	}
	return st, st.fillRegisters()
}

func (st *stage) writeFiles() error {
	if _, _, err := st.Gateway.Write(st.dir, "gateway"); err != nil {
		return fmt.Errorf("writing the gateway's key: %w", err)
	}
	for name, p := range map[string]*scene.Persona{
		"petrova": st.Signatory, "ivanov": st.Performer, "sidorova": st.Deputy, "orlov": st.Dismissed,
		"nikitin": st.Unlisted, "petrova-expired": st.Expired, "petrova-revoked": st.Revoked,
		"petrova-foreign": st.Impostor, "office": st.Office,
	} {
		if _, _, err := p.Write(st.dir, name); err != nil {
			return fmt.Errorf("writing the key of %s: %w", name, err)
		}
	}
	revoked, err := st.RevocationList(1, st.Now.Add(-time.Hour), st.Now.AddDate(0, 0, 7))
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"gatewayd.yaml":     []byte(demoConfig + demoRevocation),
		"root.pem":          pki.EncodeCertificates(st.Root.Certificate),
		"root.crl":          revoked,
		"participants.yaml": st.Participants(scene.Participants{}),
		"staff.xml":         st.Office.MustSign(st.StaffList(1)),
	} {
		if err := os.WriteFile(filepath.Join(st.dir, name), text, 0o600); err != nil {
			return fmt.Errorf("writing the demonstration: %w", err)
		}
	}
	return nil
}

// demoConfig is loopback only, on free ports, with the spool as the back office.
const demoConfig = `listen:
  address: 127.0.0.1:0
  insecure: true
ops:
  address: 127.0.0.1:0
admin:
  socket: admin.sock
store:
  path: gatewayd.db
signing:
  keys:
    - key: gateway.key
      certificate: gateway.pem
office:
  transport: spool
  railway: RZD
spool:
  dir: spool
  interval: 200ms
`

// demoRevocation is where the demonstration learns that a certificate was taken back.
const demoRevocation = `revocation:
  crls:
    - file: root.crl
      issuer: root.pem
`

// fillRegisters imports participants and staff and makes the shipper's secret, as the operator's
// commands do.
func (st *stage) fillRegisters() error {
	d, err := openDesk(st.config, st.log, time.Now)
	if err != nil {
		return err
	}
	defer d.close()
	participants, err := os.ReadFile(filepath.Join(st.dir, "participants.yaml"))
	if err != nil {
		return err
	}
	if _, err := d.register.ImportParticipants(participants, st.dir, "demo"); err != nil {
		return err
	}
	staff, err := os.ReadFile(filepath.Join(st.dir, "staff.xml"))
	if err != nil {
		return err
	}
	list, err := readStaffXML(d, staff)
	if err != nil {
		return err
	}
	if err := d.register.ImportStaff(list, "cli", false); err != nil {
		return err
	}
	st.secret, err = d.register.NewSecret("SHIP-01")
	return err
}
