package gost

import "math/big"

// slowPoint is a point in the words of RFC 7091 section 5; nil is the zero point.
type slowPoint struct{ x, y *big.Int }

// slowCurve is the standard with math/big, line by line: what the fast arithmetic is held against.
type slowCurve struct{ p, a, b, q *big.Int }

func (c slowCurve) mod(n *big.Int) *big.Int { return n.Mod(n, c.p) }

// add is section 5.2, equations (3) to (5).
func (c slowCurve) add(s, t *slowPoint) *slowPoint {
	if s == nil {
		return t
	}
	if t == nil {
		return s
	}
	var lambda *big.Int
	if s.x.Cmp(t.x) == 0 {
		if sum := new(big.Int).Add(s.y, t.y); c.mod(sum).Sign() == 0 {
			return nil
		}
		over := new(big.Int).Mul(big.NewInt(3), new(big.Int).Mul(s.x, s.x))
		over.Add(over, c.a)
		under := new(big.Int).Lsh(s.y, 1)
		lambda = over.Mul(over, under.ModInverse(c.mod(under), c.p))
	} else {
		over := new(big.Int).Sub(t.y, s.y)
		under := new(big.Int).Sub(t.x, s.x)
		lambda = over.Mul(over, under.ModInverse(c.mod(under), c.p))
	}
	c.mod(lambda)
	x := new(big.Int).Mul(lambda, lambda)
	x.Sub(x, s.x).Sub(x, t.x)
	c.mod(x)
	y := new(big.Int).Sub(s.x, x)
	y.Mul(y, lambda).Sub(y, s.y)
	return &slowPoint{x, c.mod(y)}
}

func (c slowCurve) multiply(k *big.Int, s *slowPoint) (sum *slowPoint) {
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = c.add(sum, sum)
		if k.Bit(i) == 1 {
			sum = c.add(sum, s)
		}
	}
	return sum
}

// sign is section 6.1 with a k that the caller chooses.
func (c slowCurve) sign(generator *slowPoint, d, k, e *big.Int) (r, s *big.Int) {
	r = new(big.Int).Mod(c.multiply(k, generator).x, c.q)
	s = new(big.Int).Mul(r, d)
	s.Add(s, new(big.Int).Mul(k, e))
	return r, s.Mod(s, c.q)
}

// verify is section 6.2.
func (c slowCurve) verify(generator, key *slowPoint, e, r, s *big.Int) bool {
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.q) >= 0 || s.Cmp(c.q) >= 0 {
		return false
	}
	v := new(big.Int).ModInverse(e, c.q)
	z1 := new(big.Int).Mul(s, v)
	z2 := new(big.Int).Mul(new(big.Int).Neg(r), v)
	sum := c.add(c.multiply(z1.Mod(z1, c.q), generator), c.multiply(z2.Mod(z2, c.q), key))
	return sum != nil && new(big.Int).Mod(sum.x, c.q).Cmp(r) == 0
}

// leave takes the factor R off a number of the field.
func leave[N number](f *field[N], x N) *big.Int {
	one := limbs[N](big.NewInt(1))
	f.mul(&x, &x, &one)
	plain := new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		plain.Lsh(plain, 64)
		plain.Or(plain, new(big.Int).SetUint64(x[i]))
	}
	return plain
}

// slow is the same curve for the slow arithmetic, with its generator.
func slow[N number](c *curve[N]) (slowCurve, *slowPoint) {
	return slowCurve{c.p, leave(c.field, c.a), leave(c.field, c.b), c.q}, slowOf(c, c.generator)
}

func slowOf[N number](c *curve[N], a affine[N]) *slowPoint {
	return &slowPoint{leave(c.field, a.x), leave(c.field, a.y)}
}
