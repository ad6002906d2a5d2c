package gost

import "math/big"

// number is a number of a fixed size, the lowest 64 bits first.
type number interface{ number4 | number8 }

// field is arithmetic modulo a prime p. What it is given is below p, and so is what it gives; z may
// be x or y. Where products are Montgomery's, the numbers of the field carry the factor R = 2ⁿ, n
// being their size in bits; where p is little below 2ⁿ, R is 1.
//
// Its functions take pointers, because copies of numbers cost as much as the products themselves.
type field[N number] struct {
	mul, add, sub func(z, x, y *N)

	one    N      // R modulo p
	square N      // R² modulo p
	c      uint64 // 2ⁿ − p where R is 1, else 0
	p      *big.Int
}

// maxC is how many bits 2ⁿ − p has at most where p is «little below», so that its square is one limb.
const maxC = 32

// prepare computes what follows from p.
func (f *field[N]) prepare(p *big.Int) {
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*len(f.one)))
	if c := new(big.Int).Sub(r, p); c.BitLen() <= maxC {
		f.c = c.Uint64()
		r.SetInt64(1)
	}
	f.p = p
	f.one = limbs[N](new(big.Int).Mod(r, p))
	f.square = limbs[N](new(big.Int).Mod(new(big.Int).Mul(r, r), p))
}

// enter makes a number of the field of one below p.
func (f *field[N]) enter(value *big.Int) (z N) {
	z = limbs[N](value)
	f.mul(&z, &z, &f.square)
	return z
}

// limbs are the 64 bits each of a number that fits.
func limbs[N number](value *big.Int) (z N) {
	rest := new(big.Int).Set(value)
	for i := range len(z) {
		z[i] = rest.Uint64()
		rest.Rsh(rest, 64)
	}
	return z
}

func negativeInverse(p *big.Int) uint64 {
	word := new(big.Int).Lsh(big.NewInt(1), 64)
	inverse := new(big.Int).ModInverse(p, word)
	return inverse.Sub(word, inverse).Uint64()
}

// invert is x⁻¹, as the power p − 2 of x.
func (f *field[N]) invert(z, x *N) {
	exponent := new(big.Int).Sub(f.p, big.NewInt(2))
	power := f.one
	for i := exponent.BitLen() - 1; i >= 0; i-- {
		f.mul(&power, &power, &power)
		if exponent.Bit(i) == 1 {
			f.mul(&power, &power, x)
		}
	}
	*z = power
}
