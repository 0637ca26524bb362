package pip

import (
	"testing"
	"time"
)

// TestAllows' answers are those of Python's packaging library.
func TestAllows(t *testing.T) {
	for _, c := range []struct {
		wish, version string
		want          bool
	}{
		{"a==1.0", "1.0.0", true}, {"a==1.*", "1.9", true}, {"a==1.*", "2.0", false}, {"a~=1.4.2", "1.4.9", true}, {"a~=1.4.2", "1.5.0", false}, {"a~=1.4", "1.9", true}, {"a>=2,<3", "2.9.1", true}, {"a>=2,<3", "3.0", false},
		{"a!=1.5", "1.5", false}, {"a!=1.5.*", "1.5.3", false}, {"a>1.9", "1.10", true}, {"a[x,y]<=2", "2.0", true}, {"a (>=1)", "0.9", false}, {"a", "0", true},
	} {
		if got := ParseWish(c.wish).Allows(c.version); got != c.want {
			t.Errorf("%s and %s: %v", c.wish, c.version, got)
		}
	}
}

func TestMarkers(t *testing.T) {
	for marker, want := range map[string]bool{
		`python_version < "3.8"`: false, `python_version >= '3.10' and sys_platform == "linux"`: true, `sys_platform == 'win32' or platform_system == 'Linux'`: true, `(os_name == "nt")`: false, "": true,
		`platform_machine in "x86_64 AMD64"`: true, `sys_platform != "win32"`: true, `"linux" in sys_platform`: true,
	} {
		if got := Linux("3.12").Meets(marker); got != want {
			t.Errorf("%s: %v", marker, got)
		}
	}
}

func TestFind(t *testing.T) {
	x, err := Parse("a 3.1.0 10 20 4 b bin:a\nb 1.0 10 20 4\na[all] c\nc 1.0 1 2 3\n")
	if err != nil {
		t.Fatal(err)
	}
	for wish, want := range map[string]string{"a": "3.1.0", "a==2.0.1": "2.0.1", "a<3": "2.9", "a>=2.2,<3": "2.2", "a~=2.0.4": "2.0.4", "a>=9": "", "a<3.1": "3.0.9"} {
		if got := x.Find(ParseWish(wish), start).Version; got != want {
			t.Errorf("%s: %q, want %q", wish, got, want)
		}
	}
	if x.Find(ParseWish("z"), start) != nil {
		t.Error("found what is not there")
	}
	if later := x.Find(ParseWish("a"), start.Add(400*24*time.Hour)).Version; Compare(later, "3.1.0") <= 0 {
		t.Errorf("a year later it is %s", later)
	}
	if n := x["a"].Needs([]string{"all"}); len(n) != 2 || n[1] != "c" {
		t.Error(n)
	}
}
