package signature

import "context"

// Provider verifies signature values outside of this program: a certified implementation of GOST
// behind PKCS #11 or an external process. It replaces the mathematics only; certificates, periods
// and content are judged here all the same.
type Provider interface {
	// Verify says whether value is the signature of the octets by the key of a DER
	// SubjectPublicKeyInfo. The algorithm is a short name: gost2012-256, gost2012-512, gost2001. An
	// error means that the provider could not say: the outcome is Undecided.
	Verify(ctx context.Context, algorithm string, publicKey, octets, value []byte) (bool, error)
}
