package gost

import (
	"math/big"
	"math/bits"
)

// number4 is a number of 256 bits, the lowest 64 first.
type number4 [4]uint64

// modulus4 is an odd number p; c is 2ⁿ − p, inverse is −p⁻¹ modulo 2⁶⁴.
type modulus4 struct {
	p          number4
	c, inverse uint64
}

func newField4(p *big.Int) *field[number4] {
	m := &modulus4{p: limbs[number4](p), inverse: negativeInverse(p)}
	f := &field[number4]{mul: m.montgomery, add: m.add, sub: m.sub}
	f.prepare(p)
	if f.c != 0 {
		m.c, f.mul = f.c, m.fold
	}
	return f
}

// fold is the product where p = 2ⁿ − c: what stands above 2ⁿ counts c times.
func (m *modulus4) fold(z, x, y *number4) {
	var t [8]uint64
	var carry uint64
	for i := range x {
		xi, row := x[i], (*[5]uint64)(t[i:])
		h0, l0 := bits.Mul64(xi, y[0])
		h1, l1 := bits.Mul64(xi, y[1])
		h2, l2 := bits.Mul64(xi, y[2])
		h3, l3 := bits.Mul64(xi, y[3])
		row[0], carry = bits.Add64(row[0], l0, 0)
		row[1], carry = bits.Add64(row[1], l1, carry)
		row[2], carry = bits.Add64(row[2], l2, carry)
		row[3], carry = bits.Add64(row[3], l3, carry)
		row[4] = carry
		row[1], carry = bits.Add64(row[1], h0, 0)
		row[2], carry = bits.Add64(row[2], h1, carry)
		row[3], carry = bits.Add64(row[3], h2, carry)
		row[4] += h3 + carry
	}

	h0, t0 := bits.Mul64(t[4], m.c)
	h1, t1 := bits.Mul64(t[5], m.c)
	h2, t2 := bits.Mul64(t[6], m.c)
	h3, t3 := bits.Mul64(t[7], m.c)
	t0, carry = bits.Add64(t0, t[0], 0)
	t1, carry = bits.Add64(t1, t[1], carry)
	t2, carry = bits.Add64(t2, t[2], carry)
	t3, carry = bits.Add64(t3, t[3], carry)
	over := h3 + carry
	t1, carry = bits.Add64(t1, h0, 0)
	t2, carry = bits.Add64(t2, h1, carry)
	t3, carry = bits.Add64(t3, h2, carry)
	t0, carry = bits.Add64(t0, (over+carry)*m.c, 0) // at most c², so below 2⁶⁴
	t1, carry = bits.Add64(t1, 0, carry)
	t2, carry = bits.Add64(t2, 0, carry)
	t3, carry = bits.Add64(t3, 0, carry)
	m.reduce(z, &number4{t0, t1, t2, t3}, carry)
}

// montgomery is Montgomery's product xyR⁻¹, by rows: t is what has been summed up so far, and each
// row adds x[i]·y and the multiple of p that makes the lowest limb zero.
func (m *modulus4) montgomery(z, x, y *number4) {
	var t0, t1, t2, t3, t4, over, carry uint64
	p := &m.p
	for _, xi := range x {
		h0, l0 := bits.Mul64(xi, y[0])
		h1, l1 := bits.Mul64(xi, y[1])
		h2, l2 := bits.Mul64(xi, y[2])
		h3, l3 := bits.Mul64(xi, y[3])
		t0, carry = bits.Add64(t0, l0, 0)
		t1, carry = bits.Add64(t1, l1, carry)
		t2, carry = bits.Add64(t2, l2, carry)
		t3, carry = bits.Add64(t3, l3, carry)
		t4, over = bits.Add64(t4, 0, carry)
		t1, carry = bits.Add64(t1, h0, 0)
		t2, carry = bits.Add64(t2, h1, carry)
		t3, carry = bits.Add64(t3, h2, carry)
		t4, carry = bits.Add64(t4, h3, carry)
		over += carry

		q := t0 * m.inverse
		h0, l0 = bits.Mul64(q, p[0])
		h1, l1 = bits.Mul64(q, p[1])
		h2, l2 = bits.Mul64(q, p[2])
		h3, l3 = bits.Mul64(q, p[3])
		_, carry = bits.Add64(t0, l0, 0)
		t0, carry = bits.Add64(t1, l1, carry)
		t1, carry = bits.Add64(t2, l2, carry)
		t2, carry = bits.Add64(t3, l3, carry)
		t3, carry = bits.Add64(t4, 0, carry)
		t4 = over + carry
		t0, carry = bits.Add64(t0, h0, 0)
		t1, carry = bits.Add64(t1, h1, carry)
		t2, carry = bits.Add64(t2, h2, carry)
		t3, carry = bits.Add64(t3, h3, carry)
		t4 += carry
	}
	m.reduce(z, &number4{t0, t1, t2, t3}, t4)
}

// reduce takes p off x where x is p or more; over is its limb above the highest.
func (m *modulus4) reduce(z, x *number4, over uint64) {
	l0, borrow := bits.Sub64(x[0], m.p[0], 0)
	l1, borrow := bits.Sub64(x[1], m.p[1], borrow)
	l2, borrow := bits.Sub64(x[2], m.p[2], borrow)
	l3, borrow := bits.Sub64(x[3], m.p[3], borrow)
	if _, borrow = bits.Sub64(over, 0, borrow); borrow == 0 {
		z[0], z[1], z[2], z[3] = l0, l1, l2, l3
		return
	}
	z[0], z[1], z[2], z[3] = x[0], x[1], x[2], x[3]
}

func (m *modulus4) add(z, x, y *number4) {
	t0, carry := bits.Add64(x[0], y[0], 0)
	t1, carry := bits.Add64(x[1], y[1], carry)
	t2, carry := bits.Add64(x[2], y[2], carry)
	t3, carry := bits.Add64(x[3], y[3], carry)
	m.reduce(z, &number4{t0, t1, t2, t3}, carry)
}

func (m *modulus4) sub(z, x, y *number4) {
	t0, borrow := bits.Sub64(x[0], y[0], 0)
	t1, borrow := bits.Sub64(x[1], y[1], borrow)
	t2, borrow := bits.Sub64(x[2], y[2], borrow)
	t3, borrow := bits.Sub64(x[3], y[3], borrow)
	mask := -borrow // p is added where the difference is below zero
	z[0], borrow = bits.Add64(t0, m.p[0]&mask, 0)
	z[1], borrow = bits.Add64(t1, m.p[1]&mask, borrow)
	z[2], borrow = bits.Add64(t2, m.p[2]&mask, borrow)
	z[3], _ = bits.Add64(t3, m.p[3]&mask, borrow)
}
