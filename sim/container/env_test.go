package container

import (
	"strings"
	"testing"
)

func TestMergeEnv(t *testing.T) {
	for _, c := range []struct{ env, more, want string }{
		{"A=1 B=2", "B=3 C=4", "A=1 B=3 C=4"},
		{"A=1 B=2", "A", "B=2"},
		{"A=1", "A=", "A="},
		{"", "X=a=b", "X=a=b"},
		{"A=1", "AA=2", "A=1 AA=2"},
	} {
		if got := strings.Join(MergeEnv(strings.Fields(c.env), strings.Fields(c.more)), " "); got != c.want {
			t.Errorf("MergeEnv(%q, %q) = %q, want %q", c.env, c.more, got, c.want)
		}
	}
}
