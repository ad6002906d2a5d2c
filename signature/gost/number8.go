package gost

import (
	"math/big"
	"math/bits"
)

// number8 is a number of 512 bits, the lowest 64 first.
type number8 [8]uint64

// modulus8 is an odd number p; c is 2ⁿ − p, inverse is −p⁻¹ modulo 2⁶⁴.
type modulus8 struct {
	p          number8
	c, inverse uint64
}

func newField8(p *big.Int) *field[number8] {
	m := &modulus8{p: limbs[number8](p), inverse: negativeInverse(p)}
	f := &field[number8]{mul: m.montgomery, add: m.add, sub: m.sub}
	f.prepare(p)
	if f.c != 0 {
		m.c, f.mul = f.c, m.fold
	}
	return f
}

// fold is the product where p = 2ⁿ − c: what stands above 2ⁿ counts c times.
func (m *modulus8) fold(z, x, y *number8) {
	var t [16]uint64
	var carry uint64
	for i := range x {
		xi, row := x[i], (*[9]uint64)(t[i:])
		h0, l0 := bits.Mul64(xi, y[0])
		h1, l1 := bits.Mul64(xi, y[1])
		h2, l2 := bits.Mul64(xi, y[2])
		h3, l3 := bits.Mul64(xi, y[3])
		h4, l4 := bits.Mul64(xi, y[4])
		h5, l5 := bits.Mul64(xi, y[5])
		h6, l6 := bits.Mul64(xi, y[6])
		h7, l7 := bits.Mul64(xi, y[7])
		row[0], carry = bits.Add64(row[0], l0, 0)
		row[1], carry = bits.Add64(row[1], l1, carry)
		row[2], carry = bits.Add64(row[2], l2, carry)
		row[3], carry = bits.Add64(row[3], l3, carry)
		row[4], carry = bits.Add64(row[4], l4, carry)
		row[5], carry = bits.Add64(row[5], l5, carry)
		row[6], carry = bits.Add64(row[6], l6, carry)
		row[7], carry = bits.Add64(row[7], l7, carry)
		row[8] = carry
		row[1], carry = bits.Add64(row[1], h0, 0)
		row[2], carry = bits.Add64(row[2], h1, carry)
		row[3], carry = bits.Add64(row[3], h2, carry)
		row[4], carry = bits.Add64(row[4], h3, carry)
		row[5], carry = bits.Add64(row[5], h4, carry)
		row[6], carry = bits.Add64(row[6], h5, carry)
		row[7], carry = bits.Add64(row[7], h6, carry)
		row[8] += h7 + carry
	}

	h0, t0 := bits.Mul64(t[8], m.c)
	h1, t1 := bits.Mul64(t[9], m.c)
	h2, t2 := bits.Mul64(t[10], m.c)
	h3, t3 := bits.Mul64(t[11], m.c)
	h4, t4 := bits.Mul64(t[12], m.c)
	h5, t5 := bits.Mul64(t[13], m.c)
	h6, t6 := bits.Mul64(t[14], m.c)
	h7, t7 := bits.Mul64(t[15], m.c)
	t0, carry = bits.Add64(t0, t[0], 0)
	t1, carry = bits.Add64(t1, t[1], carry)
	t2, carry = bits.Add64(t2, t[2], carry)
	t3, carry = bits.Add64(t3, t[3], carry)
	t4, carry = bits.Add64(t4, t[4], carry)
	t5, carry = bits.Add64(t5, t[5], carry)
	t6, carry = bits.Add64(t6, t[6], carry)
	t7, carry = bits.Add64(t7, t[7], carry)
	over := h7 + carry
	t1, carry = bits.Add64(t1, h0, 0)
	t2, carry = bits.Add64(t2, h1, carry)
	t3, carry = bits.Add64(t3, h2, carry)
	t4, carry = bits.Add64(t4, h3, carry)
	t5, carry = bits.Add64(t5, h4, carry)
	t6, carry = bits.Add64(t6, h5, carry)
	t7, carry = bits.Add64(t7, h6, carry)
	t0, carry = bits.Add64(t0, (over+carry)*m.c, 0) // at most c², so below 2⁶⁴
	t1, carry = bits.Add64(t1, 0, carry)
	t2, carry = bits.Add64(t2, 0, carry)
	t3, carry = bits.Add64(t3, 0, carry)
	t4, carry = bits.Add64(t4, 0, carry)
	t5, carry = bits.Add64(t5, 0, carry)
	t6, carry = bits.Add64(t6, 0, carry)
	t7, carry = bits.Add64(t7, 0, carry)
	m.reduce(z, &number8{t0, t1, t2, t3, t4, t5, t6, t7}, carry)
}

// montgomery is Montgomery's product xyR⁻¹, by rows: t is what has been summed up so far, and each
// row adds x[i]·y and the multiple of p that makes the lowest limb zero.
func (m *modulus8) montgomery(z, x, y *number8) {
	var t0, t1, t2, t3, t4, t5, t6, t7, t8, over, carry uint64
	p := &m.p
	for _, xi := range x {
		h0, l0 := bits.Mul64(xi, y[0])
		h1, l1 := bits.Mul64(xi, y[1])
		h2, l2 := bits.Mul64(xi, y[2])
		h3, l3 := bits.Mul64(xi, y[3])
		h4, l4 := bits.Mul64(xi, y[4])
		h5, l5 := bits.Mul64(xi, y[5])
		h6, l6 := bits.Mul64(xi, y[6])
		h7, l7 := bits.Mul64(xi, y[7])
		t0, carry = bits.Add64(t0, l0, 0)
		t1, carry = bits.Add64(t1, l1, carry)
		t2, carry = bits.Add64(t2, l2, carry)
		t3, carry = bits.Add64(t3, l3, carry)
		t4, carry = bits.Add64(t4, l4, carry)
		t5, carry = bits.Add64(t5, l5, carry)
		t6, carry = bits.Add64(t6, l6, carry)
		t7, carry = bits.Add64(t7, l7, carry)
		t8, over = bits.Add64(t8, 0, carry)
		t1, carry = bits.Add64(t1, h0, 0)
		t2, carry = bits.Add64(t2, h1, carry)
		t3, carry = bits.Add64(t3, h2, carry)
		t4, carry = bits.Add64(t4, h3, carry)
		t5, carry = bits.Add64(t5, h4, carry)
		t6, carry = bits.Add64(t6, h5, carry)
		t7, carry = bits.Add64(t7, h6, carry)
		t8, carry = bits.Add64(t8, h7, carry)
		over += carry

		q := t0 * m.inverse
		h0, l0 = bits.Mul64(q, p[0])
		h1, l1 = bits.Mul64(q, p[1])
		h2, l2 = bits.Mul64(q, p[2])
		h3, l3 = bits.Mul64(q, p[3])
		h4, l4 = bits.Mul64(q, p[4])
		h5, l5 = bits.Mul64(q, p[5])
		h6, l6 = bits.Mul64(q, p[6])
		h7, l7 = bits.Mul64(q, p[7])
		_, carry = bits.Add64(t0, l0, 0)
		t0, carry = bits.Add64(t1, l1, carry)
		t1, carry = bits.Add64(t2, l2, carry)
		t2, carry = bits.Add64(t3, l3, carry)
		t3, carry = bits.Add64(t4, l4, carry)
		t4, carry = bits.Add64(t5, l5, carry)
		t5, carry = bits.Add64(t6, l6, carry)
		t6, carry = bits.Add64(t7, l7, carry)
		t7, carry = bits.Add64(t8, 0, carry)
		t8 = over + carry
		t0, carry = bits.Add64(t0, h0, 0)
		t1, carry = bits.Add64(t1, h1, carry)
		t2, carry = bits.Add64(t2, h2, carry)
		t3, carry = bits.Add64(t3, h3, carry)
		t4, carry = bits.Add64(t4, h4, carry)
		t5, carry = bits.Add64(t5, h5, carry)
		t6, carry = bits.Add64(t6, h6, carry)
		t7, carry = bits.Add64(t7, h7, carry)
		t8 += carry
	}
	m.reduce(z, &number8{t0, t1, t2, t3, t4, t5, t6, t7}, t8)
}

// reduce takes p off x where x is p or more; over is its limb above the highest.
func (m *modulus8) reduce(z, x *number8, over uint64) {
	l0, borrow := bits.Sub64(x[0], m.p[0], 0)
	l1, borrow := bits.Sub64(x[1], m.p[1], borrow)
	l2, borrow := bits.Sub64(x[2], m.p[2], borrow)
	l3, borrow := bits.Sub64(x[3], m.p[3], borrow)
	l4, borrow := bits.Sub64(x[4], m.p[4], borrow)
	l5, borrow := bits.Sub64(x[5], m.p[5], borrow)
	l6, borrow := bits.Sub64(x[6], m.p[6], borrow)
	l7, borrow := bits.Sub64(x[7], m.p[7], borrow)
	if _, borrow = bits.Sub64(over, 0, borrow); borrow == 0 {
		z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7] = l0, l1, l2, l3, l4, l5, l6, l7
		return
	}
	z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7] = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
}

func (m *modulus8) add(z, x, y *number8) {
	t0, carry := bits.Add64(x[0], y[0], 0)
	t1, carry := bits.Add64(x[1], y[1], carry)
	t2, carry := bits.Add64(x[2], y[2], carry)
	t3, carry := bits.Add64(x[3], y[3], carry)
	t4, carry := bits.Add64(x[4], y[4], carry)
	t5, carry := bits.Add64(x[5], y[5], carry)
	t6, carry := bits.Add64(x[6], y[6], carry)
	t7, carry := bits.Add64(x[7], y[7], carry)
	m.reduce(z, &number8{t0, t1, t2, t3, t4, t5, t6, t7}, carry)
}

func (m *modulus8) sub(z, x, y *number8) {
	t0, borrow := bits.Sub64(x[0], y[0], 0)
	t1, borrow := bits.Sub64(x[1], y[1], borrow)
	t2, borrow := bits.Sub64(x[2], y[2], borrow)
	t3, borrow := bits.Sub64(x[3], y[3], borrow)
	t4, borrow := bits.Sub64(x[4], y[4], borrow)
	t5, borrow := bits.Sub64(x[5], y[5], borrow)
	t6, borrow := bits.Sub64(x[6], y[6], borrow)
	t7, borrow := bits.Sub64(x[7], y[7], borrow)
	mask := -borrow // p is added where the difference is below zero
	z[0], borrow = bits.Add64(t0, m.p[0]&mask, 0)
	z[1], borrow = bits.Add64(t1, m.p[1]&mask, borrow)
	z[2], borrow = bits.Add64(t2, m.p[2]&mask, borrow)
	z[3], borrow = bits.Add64(t3, m.p[3]&mask, borrow)
	z[4], borrow = bits.Add64(t4, m.p[4]&mask, borrow)
	z[5], borrow = bits.Add64(t5, m.p[5]&mask, borrow)
	z[6], borrow = bits.Add64(t6, m.p[6]&mask, borrow)
	z[7], _ = bits.Add64(t7, m.p[7]&mask, borrow)
}
