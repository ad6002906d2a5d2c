package gost

import "math/big"

// Widths of the windows in which scalars are read: the table for the generator is made once, that
// for a key for every verification.
const (
	generatorWindow = 8
	keyWindow       = 5
)

// ladder is one computation with points: its sum, the table of a key, and room for what comes up on
// the way, so that nothing else has to be allocated.
type ladder[N number] struct {
	*curve[N]
	sum  point[N]
	keys [1 << (keyWindow - 2)]point[N]

	yy, zz, slope, beta, u, v, h, r N
	zero                            N
}

// combine is uG + vQ, both scalars from 0 to q: one chain of doublings for both, each scalar read in
// digits that are odd or zero.
func (c *curve[N]) combine(u, v *big.Int, key *affine[N]) *point[N] {
	l := &ladder[N]{curve: c}
	generators := c.generatorTable()
	l.odd(l.keys[:], key)
	us, vs := digits(u, generatorWindow), digits(v, keyWindow)
	for i := max(len(us), len(vs)) - 1; i >= 0; i-- {
		l.double(&l.sum)
		if i < len(us) && us[i] != 0 {
			l.addAffine(&generators[abs(us[i])/2], us[i] < 0)
		}
		if i < len(vs) && vs[i] != 0 {
			l.addPoint(&l.sum, &l.keys[abs(vs[i])/2], vs[i] < 0)
		}
	}
	return &l.sum
}

func abs(digit int8) int { return max(int(digit), -int(digit)) }

// digits is a scalar as the sum of digits·2ⁱ, the lowest first: each digit is zero or odd and below
// 2^(width−1), and of any width digits in a row at most one is not zero (the non-adjacent form).
func digits(scalar *big.Int, width int) []int8 {
	list := make([]int8, scalar.BitLen()+1)
	carry := uint(0)
	for i := 0; i < len(list); {
		if scalar.Bit(i)^carry == 0 {
			i++
			continue
		}
		window := carry
		for j := range width {
			window += scalar.Bit(i+j) << j
		}
		digit := int(window)
		carry = 0
		if digit >= 1<<(width-1) {
			digit -= 1 << width
			carry = 1
		}
		list[i] = int8(digit)
		i += width
	}
	return list
}

// odd fills the table with P, 3P, 5P …
func (l *ladder[N]) odd(table []point[N], of *affine[N]) {
	table[0] = point[N]{of.x, of.y, l.one}
	twice := &point[N]{of.x, of.y, l.one}
	l.double(twice)
	for i := 1; i < len(table); i++ {
		table[i] = table[i-1]
		l.addPoint(&table[i], twice, false)
	}
}

func (c *curve[N]) generatorTable() []affine[N] {
	c.once.Do(func() {
		l := &ladder[N]{curve: c}
		multiples := make([]point[N], 1<<(generatorWindow-2))
		l.odd(multiples, &c.generator)
		for i := range multiples {
			c.table = append(c.table, c.affine(&multiples[i]))
		}
	})
	return c.table
}

// affine divides by Z, which is not zero.
func (c *curve[N]) affine(s *point[N]) (a affine[N]) {
	var inverse, square N
	c.invert(&inverse, &s.z)
	c.mul(&square, &inverse, &inverse)
	c.mul(&a.x, &s.x, &square)
	c.mul(&square, &square, &inverse)
	c.mul(&a.y, &s.y, &square)
	return a
}

// double makes d twice itself: with the slope 3(X−Z²)(X+Z²) where a = −3, else 3X² + aZ⁴.
func (l *ladder[N]) double(d *point[N]) {
	yy, zz, slope, beta, t := &l.yy, &l.zz, &l.slope, &l.beta, &l.u
	l.mul(yy, &d.y, &d.y)
	l.mul(zz, &d.z, &d.z)
	if l.minusThree {
		l.sub(t, &d.x, zz)
		l.add(zz, &d.x, zz)
		l.mul(t, t, zz)
		l.add(slope, t, t)
		l.add(slope, slope, t)
	} else {
		l.mul(t, &d.x, &d.x)
		l.add(slope, t, t)
		l.add(slope, slope, t)
		l.mul(zz, zz, zz)
		l.mul(zz, zz, &l.a)
		l.add(slope, slope, zz)
	}
	l.mul(&d.z, &d.y, &d.z)
	l.add(&d.z, &d.z, &d.z) // 2YZ
	l.add(yy, yy, yy)
	l.mul(beta, &d.x, yy)
	l.add(beta, beta, beta) // 4XY²
	l.mul(yy, yy, yy)
	l.add(yy, yy, yy) // 8Y⁴
	l.mul(&d.x, slope, slope)
	l.sub(&d.x, &d.x, beta)
	l.sub(&d.x, &d.x, beta)
	l.sub(beta, beta, &d.x)
	l.mul(&d.y, slope, beta)
	l.sub(&d.y, &d.y, yy)
}

// addPoint adds s, or its opposite, to d; both may be any point.
func (l *ladder[N]) addPoint(d, s *point[N], opposite bool) {
	if s.z == l.zero {
		return
	}
	if d.z == l.zero {
		*d = *s
		if opposite {
			l.sub(&d.y, &l.zero, &d.y)
		}
		return
	}
	l.mul(&l.zz, &s.z, &s.z)
	l.mul(&l.u, &d.x, &l.zz)
	l.mul(&l.zz, &l.zz, &s.z)
	l.mul(&l.v, &d.y, &l.zz)
	l.reach(d, &s.x, &s.y, opposite)
	if l.h == l.zero {
		l.sameX(d)
		return
	}
	l.mul(&d.z, &d.z, &s.z)
	l.finish(d)
}

// addAffine adds a point with Z = 1, or its opposite, to the sum.
func (l *ladder[N]) addAffine(s *affine[N], opposite bool) {
	d := &l.sum
	if d.z == l.zero {
		*d = point[N]{s.x, s.y, l.one}
		if opposite {
			l.sub(&d.y, &l.zero, &d.y)
		}
		return
	}
	l.u, l.v = d.x, d.y
	l.reach(d, &s.x, &s.y, opposite)
	if l.h == l.zero {
		l.sameX(d)
		return
	}
	l.finish(d)
}

// reach computes how far it is from (u, v), which is d brought to the common denominator, to the
// other point: h and r.
func (l *ladder[N]) reach(d *point[N], x, y *N, opposite bool) {
	l.mul(&l.zz, &d.z, &d.z)
	l.mul(&l.h, x, &l.zz)
	l.sub(&l.h, &l.h, &l.u)
	l.mul(&l.zz, &l.zz, &d.z)
	l.mul(&l.r, y, &l.zz)
	if opposite {
		l.add(&l.r, &l.r, &l.v)
		l.sub(&l.r, &l.zero, &l.r)
		return
	}
	l.sub(&l.r, &l.r, &l.v)
}

// finish adds the two points whose x-coordinates differ; d.z is the common denominator so far.
func (l *ladder[N]) finish(d *point[N]) {
	hh, hhh := &l.yy, &l.beta
	l.mul(hh, &l.h, &l.h)
	l.mul(hhh, hh, &l.h)
	l.mul(&l.u, &l.u, hh)
	l.mul(&d.x, &l.r, &l.r)
	l.sub(&d.x, &d.x, hhh)
	l.sub(&d.x, &d.x, &l.u)
	l.sub(&d.x, &d.x, &l.u)
	l.sub(&l.u, &l.u, &d.x)
	l.mul(&d.y, &l.r, &l.u)
	l.mul(hhh, hhh, &l.v)
	l.sub(&d.y, &d.y, hhh)
	l.mul(&d.z, &d.z, &l.h)
}

// sameX ends the addition of two points with one x-coordinate: they are equal or opposite.
func (l *ladder[N]) sameX(d *point[N]) {
	if l.r == l.zero {
		l.double(d)
		return
	}
	*d = point[N]{}
}
