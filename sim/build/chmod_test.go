package build

import "testing"

// What BuildKit made of files of these modes, recorded from Docker Engine 29.9.3:
// set-id bits belong to u and g, the sticky bit to nobody's letter but a's.
func TestParseMode(t *testing.T) {
	before := []uint32{0o0000, 0o0640, 0o1777, 0o2755, 0o4755, 0o6755, 0o7777}
	for _, c := range []struct {
		mode string
		want []uint32
	}{
		{"u=rw,go=r", []uint32{0o644, 0o644, 0o1644, 0o644, 0o644, 0o644, 0o1644}},
		{"=r", []uint32{0o444, 0o444, 0o1444, 0o444, 0o444, 0o444, 0o1444}},
		{"u+s,g+s,o+t", []uint32{0o6000, 0o6640, 0o7777, 0o6755, 0o6755, 0o6755, 0o7777}},
		{"u=", []uint32{0o000, 0o040, 0o1077, 0o2055, 0o055, 0o2055, 0o3077}},
		{"g=u", []uint32{0o000, 0o660, 0o1777, 0o2775, 0o4775, 0o6775, 0o7777}},
		{"go=s", []uint32{0o2000, 0o2600, 0o3700, 0o2700, 0o6700, 0o6700, 0o7700}},
		{"o=t", []uint32{0o000, 0o640, 0o1770, 0o2750, 0o4750, 0o6750, 0o7770}},
		{"-t", []uint32{0o000, 0o640, 0o777, 0o2755, 0o4755, 0o6755, 0o6777}},
		{"a=t", []uint32{0o1000, 0o1000, 0o1000, 0o1000, 0o1000, 0o1000, 0o1000}},
	} {
		m, err := parseMode(c.mode)
		if err != nil {
			t.Fatal(err)
		}
		for i, old := range before {
			if got := m.apply(old); got != c.want[i] {
				t.Errorf("%s of %04o: %04o, want %04o", c.mode, old, got, c.want[i])
			}
		}
	}
}
