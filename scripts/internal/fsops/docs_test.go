package fsops

import (
	"archive/tar"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const document = "../../../docs/FSOPS.md"

var updateDocs = flag.Bool("update-docs", false, "write the tables and the session of docs/FSOPS.md anew")

// section is what stands in the document between two marks.
func section(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- "+name+" -->\n")
	body, _, end := strings.Cut(rest, "<!-- end of "+name+" -->")
	if !ok || !end {
		t.Fatalf("docs/FSOPS.md has no section %q", name)
	}
	return body
}

// documented holds a section against what it should be, or writes it.
func documented(t *testing.T, name, want string) {
	t.Helper()
	is := section(t, name)
	if strings.TrimSpace(is) == strings.TrimSpace(want) {
		return
	}
	if !*updateDocs {
		t.Errorf("docs/FSOPS.md: the section %q is not what the program does; go test ./scripts/internal/fsops -args -update-docs writes it:\n%s", name, want)
		return
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	from, to := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	out := strings.Replace(string(text), from+is+to, from+want+to, 1)
	if err := os.WriteFile(document, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDocumentedOperations holds the tables of the document against the table that
// requests are checked with.
func TestDocumentedOperations(t *testing.T) {
	var b strings.Builder
	group := ""
	for _, o := range Operations {
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(&b, "\n### %s\n\n| operation | fields | answer, notes |\n|---|---|---|\n", group)
		}
		var fields []string
		for _, f := range o.Fields {
			if f.Required {
				fields = append(fields, fmt.Sprintf("`%s`: %s", f.Name, fieldKind(f)))
			} else {
				fields = append(fields, fmt.Sprintf("*`%s`*: %s (%s)", f.Name, fieldKind(f), f.Default))
			}
		}
		answer := o.Answer
		if o.Notes != "" {
			answer = strings.TrimPrefix(answer+". "+o.Notes, ". ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", o.Name, strings.ReplaceAll(strings.Join(fields, "; "), "|", "\\|"), strings.ReplaceAll(answer, "|", "\\|"))
	}
	documented(t, "operations", b.String()+"\n")
}

// fieldKind is what a field holds, short: how values are written is told apart.
func fieldKind(f Field) string {
	switch f.Kind {
	case kMode.text:
		return "mode"
	case kTime.text:
		return "time"
	case kDirFD.text, kFD.text:
		return "descriptor"
	case kPath.text:
		return "path"
	case kName.text:
		return "string"
	case kText.text:
		if f.kind.bytes {
			return "data"
		}
		return "string"
	}
	if s := f.kind.names; s.values != nil {
		for _, special := range []set{whences, fileTypes, pathconf} {
			if fmt.Sprint(special.names()) == fmt.Sprint(s.names()) {
				return "one of " + strings.Join(s.names(), ", ")
			}
		}
		if s.prefix == "" {
			return "flags " + strings.Join(s.names(), ", ")
		}
		return s.prefix + " flags"
	}
	return f.Kind
}

// TestDocumentedFlags holds the numbers of flags in the document.
func TestDocumentedFlags(t *testing.T) {
	var b strings.Builder
	for _, s := range []set{openFlags, atFlags, renameFlags, xattrFlags, fallocModes, whences, fileTypes, accessModes} {
		names := s.names()
		slices.SortStableFunc(names, func(a, b string) int { return s.values[a] - s.values[b] })
		var list []string
		for _, n := range names {
			list = append(list, fmt.Sprintf("%s %d", n, s.values[n]))
		}
		fmt.Fprintf(&b, "  - %s\n", strings.Join(list, ", "))
	}
	documented(t, "flags", b.String()+"  ")
}

// TestDocumentedErrnos holds the table of errors.
func TestDocumentedErrnos(t *testing.T) {
	var list []string
	for _, e := range Errnos {
		list = append(list, fmt.Sprintf("%s %d", e.Name, e.Code))
	}
	documented(t, "errnos", strings.Join(list, ", ")+".\n\n")
}

// sessionBase is the tar that the document's session speaks of.
func sessionBase(t *testing.T) []Lower {
	name := filepath.Join(t.TempDir(), "base.tar")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	for _, h := range []*tar.Header{
		{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755, ModTime: time.Unix(1000, 0)},
		{Name: "etc/motd", Typeflag: tar.TypeReg, Mode: 0o644, Size: 6, ModTime: time.Unix(2000, 0)},
	} {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLower(name)
	if err != nil {
		t.Fatal(err)
	}
	l.Name = "base.tar"
	return []Lower{l}
}

var sessionRequests = []string{
	`{"op": "open", "path": "/etc/motd", "id": "first"}`,
	`{"op": "read", "fd": 3, "count": 100}`,
	`{"op": "stat", "path": "/etc/motd"}`,
	`{"op": "open", "path": "/etc/motd", "flags": "O_WRONLY|O_APPEND", "uid": 1000, "gid": 1000}`,
	`{"op": "open", "path": "/etc/motd", "flags": "O_WRONLY|O_APPEND", "events": true}`,
	`{"op": "write", "fd": 4, "data": "world\n"}`,
	`{"op": "pread", "fd": 3, "count": 100, "offset": 6}`,
	`{"op": "close", "fd": 4}`,
	`{"op": "provenance", "path": "/etc/motd"}`,
	`{"op": "rename", "path": "/etc", "to": "/usr"}`,
	`{"op": "unlink", "path": "/etc/motd"}`,
	`{"op": "fstat", "fd": 3}`,
	`{"op": "upper"}`,
	`{"op": "xray", "path": "/etc/motd"}`,
	`{"op": "tar"}`,
	`{"op": "mkdir", "path": "/tmp", "mode": "1777", "umask": 0}`,
	`{"op": "mkdir", "path": "/tmp/\u00fc", "uid": 1000, "gid": 1000}`,
	`{"op": "rmdir", "path": "/tmp/\u00fc", "uid": 2000, "gid": 2000}`,
	`{"op": "mkdir", "path": "/x", "mode": true}`,
	`{"op": "rotate"}`,
	`{"op": "readdir", "path": "/"}`,
}

// TestDocumentedSession runs the session of the document.
func TestDocumentedSession(t *testing.T) {
	s := NewServer(NewModel(sessionBase(t), false))
	var b strings.Builder
	for i, line := range sessionRequests {
		fmt.Fprintf(&b, "> %s\n< %s", line, s.line([]byte(line), int64(len(line)), i+1))
	}
	documented(t, "session", "```\n"+b.String()+"```\n")
}

// TestDocumentedClient runs the client of the document against the built program.
func TestDocumentedClient(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		fmt.Println("scripts/internal/fsops: no python3: the client of docs/FSOPS.md is not run")
		return
	}
	code := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(section(t, "client")), "```python\n"), "```")
	file := filepath.Join(t.TempDir(), "client.py")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, file, program(t), "-fsops").CombinedOutput()
	if want := "as it should be: Permission denied\n['lookup', 'copy-up', 'change']\n"; err != nil || string(out) != want {
		t.Errorf("the client of docs/FSOPS.md: %v:\n%swant\n%s", err, out, want)
	}
}

// TestErrnoNumbers holds the numbers against the few that everyone knows, and the
// table in order.
func TestErrnoNumbers(t *testing.T) {
	known := map[string]int{"EPERM": 1, "ENOENT": 2, "EACCES": 13, "EEXIST": 17, "EXDEV": 18, "ENOTDIR": 20, "EISDIR": 21, "EINVAL": 22, "EROFS": 30, "ENAMETOOLONG": 36, "ENOTEMPTY": 39, "ELOOP": 40, "ENODATA": 61, "EOPNOTSUPP": 95}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		i := slices.IndexFunc(Errnos, func(e Errno) bool { return e.Name == name })
		if i < 0 || Errnos[i].Code != known[name] {
			t.Errorf("%s is not %d", name, known[name])
		}
	}
	if !slices.IsSortedFunc(Errnos, func(a, b Errno) int { return a.Code - b.Code }) {
		t.Error("the errors are not in order")
	}
}
