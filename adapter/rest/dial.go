package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// errAddress: the name of the participant's server leads to an address where none can be.
var errAddress = errors.New("address not allowed")

// dialer connects to participants' servers. The check is on the address that is about to be dialled,
// after the name has been resolved, so that a name that resolves differently the second time gains
// nothing. Private networks are allowed: that is where partners are.
func dialer(allowLoopback bool, timeout time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout: timeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return checkAddress(address, allowLoopback)
		},
	}
}

// Ranges without partners beyond those that package netip names.
var (
	thisNetwork = netip.MustParsePrefix("0.0.0.0/8")      // RFC 791 §3.2
	reserved    = netip.MustParsePrefix("240.0.0.0/4")    // RFC 1112 §4, broadcast too
	nat64       = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052: IPv4 in disguise
	siteLocal   = netip.MustParsePrefix("fec0::/10")      // RFC 3879
	metadata    = netip.MustParseAddr("fd00:ec2::254")    // instance metadata over IPv6
	sixToFour   = netip.MustParsePrefix("2002::/16")      // RFC 3056: IPv4 in disguise
	teredo      = netip.MustParsePrefix("2001::/32")      // RFC 4380: IPv4 in disguise
	compatible  = netip.MustParsePrefix("::/96")          // RFC 4291 §2.5.5.1: IPv4 in disguise
	localNAT64  = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
)

// checkAddress takes host:port with an IP address, as the dialer hands it over.
func checkAddress(address string, allowLoopback bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: not an IP address", errAddress)
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.IsLoopback() {
		if allowLoopback {
			return nil
		}
		return fmt.Errorf("%w: loopback", errAddress)
	}
	if ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || ip == metadata {
		return fmt.Errorf("%w: %s", errAddress, ip)
	}
	for _, p := range []netip.Prefix{thisNetwork, reserved, nat64, localNAT64, siteLocal, sixToFour, teredo, compatible} {
		if p.Contains(ip) {
			return fmt.Errorf("%w: %s", errAddress, ip)
		}
	}
	return nil
}
