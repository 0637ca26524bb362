package fsops

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built is the directory of the built program, once there is one.
var built string

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "headless")
	if err != nil {
		return "", err
	}
	built = dir
	name := filepath.Join(dir, "headless.exe")
	out, err := exec.Command("go", "build", "-o", name, "../../headless").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building headless: %w:\n%s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// program is the path of scripts/headless, built.
func program(t *testing.T) string {
	t.Helper()
	name, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// A client is the program, run as a client of it would.
type client struct {
	t   *testing.T
	cmd *exec.Cmd
	in  *bufio.Writer
	out *bufio.Reader
	end func() error
	n   int
}

func start(t *testing.T, args ...string) *client {
	t.Helper()
	cmd := exec.Command(program(t), append([]string{"-fsops"}, args...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &client{t: t, cmd: cmd, in: bufio.NewWriter(in), out: bufio.NewReader(out), end: in.Close}
}

func (c *client) send(line string) {
	fmt.Fprintln(c.in, line)
	c.n++
}

func (c *client) receive() map[string]any {
	c.t.Helper()
	c.in.Flush()
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		c.t.Fatalf("request %d has no answer: %v", c.n, err)
	}
	var a map[string]any
	if err := json.Unmarshal(line, &a); err != nil {
		c.t.Fatalf("request %d: %v: %s", c.n, err, line)
	}
	return a
}

// ask sends a request and wants the fields of want, a JSON object, in its answer.
func (c *client) ask(line, want string) {
	c.t.Helper()
	c.send(line)
	c.expect(line, want)
}

func (c *client) expect(line, want string) {
	c.t.Helper()
	a := c.receive()
	var w map[string]any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		c.t.Fatal(err)
	}
	for k, v := range w {
		if fmt.Sprint(a[k]) != fmt.Sprint(v) {
			c.t.Errorf("request %d, %s: %s is %v, want %v", c.n, line, k, a[k], v)
		}
	}
}

func (c *client) close() {
	c.t.Helper()
	c.in.Flush()
	c.end()
	if err := c.cmd.Wait(); err != nil {
		c.t.Error("the program ends with ", err)
	}
}

// TestProgram is a client of 300 mixed operations on two layers, whose answers were
// thought out beforehand.
func TestProgram(t *testing.T) {
	var args []string
	for i, entries := range base {
		name := filepath.Join(t.TempDir(), "layer"+decimal(i)+".tar")
		if err := os.WriteFile(name, layerTar(t, entries), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-lower", name)
	}
	c := start(t, args...)
	const ok = `{"ok": true}`
	c.ask(`{"op":"stat","path":"/gone"}`, `{"errno":"ENOENT","code":2}`)
	c.ask(`{"op":"stat","path":"/dir/sub/x"}`, `{"errno":"ENOENT"}`)
	c.ask(`{"op":"provenance","path":"/dir"}`, `{"layer":1,"merged":true,"upper":false}`)
	for i := range 30 {
		d := fmt.Sprintf("/d%d", i)
		c.ask(`{"op":"mkdir","path":"`+d+`","mode":"0755"}`, ok)
		c.ask(`{"op":"open","path":"`+d+`/f","flags":["O_RDWR","creat"],"mode":420}`, `{"fd":3}`)
		c.ask(fmt.Sprintf(`{"op":"write","fd":3,"data":"%d","repeat":100}`, i%10), `{"n":100}`)
		c.ask(`{"op":"fstat","fd":3}`, `{"size":100,"type":"file","perm":"0644","nlink":1}`)
		c.ask(`{"op":"close","fd":3}`, ok)
		c.ask(`{"op":"rename","path":"`+d+`","to":"/moved"}`, ok)
		c.ask(`{"op":"rmdir","path":"/moved"}`, `{"errno":"ENOTEMPTY","code":39}`)
		c.ask(`{"op":"unlink","path":"/moved/f"}`, ok)
		c.ask(`{"op":"rmdir","path":"/moved"}`, ok)
	}
	c.ask(`{"op":"upper"}`, `{"entries":[]}`)
	c.ask(`{"op":"rename","path":"/dir","to":"/dir2"}`, `{"errno":"EXDEV","code":18}`)
	c.ask(`{"op":"chmod","path":"/dir/b","mode":"0640","events":true}`, ok)
	c.ask(`{"op":"provenance","path":"/dir/b"}`, `{"layer":2,"upper":true}`)
	c.ask(`{"op":"unlink","path":"/dir/a"}`, ok)
	c.ask(`{"op":"xray","path":"/dir/a"}`, ok)
	c.ask(`{"op":"open","path":"/bin/su","flags":"O_WRONLY","uid":1000,"gid":1000}`, `{"errno":"EACCES"}`)
	// several in flight: answers come in order, under their ids
	for i := range 2000 {
		c.send(fmt.Sprintf(`{"op":"stat","path":"/","id":{"n":%d}}`, i))
	}
	for i := range 2000 {
		c.expect("stat", fmt.Sprintf(`{"ok":true,"id":{"n":%d}}`, i))
	}
	c.close()
	if c.n < 200 {
		t.Errorf("only %d operations", c.n)
	}
}

// TestProgramStart is what it says of layers that cannot be read, and of options.
func TestProgramStart(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := layerTar(t, base[0])
	cut := write("cut.tar", good[:len(good)/2+100])
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"-fsops", "-lower", filepath.Join(dir, "none.tar")}, []string{"none.tar", "no such file"}},
		{[]string{"-fsops", "-lower", dir}, []string{dir, "not a regular file"}},
		{[]string{"-fsops", "-lower", cut}, []string{"cut.tar", "entry"}},
		{[]string{"-fsops", "-lower", write("no.tar", bytes.Repeat([]byte("no tar "), 200))}, []string{"no.tar"}},
		{[]string{"-fsops", "-lower", write("bad.tgz", append([]byte{0x1f, 0x8b, 8, 0}, good...))}, []string{"bad.tgz"}},
		{[]string{"-fsops", "-upper", "some"}, []string{`-upper "some"`, "none"}},
		{[]string{"-lower", cut}, []string{"-lower goes with -fsops alone"}},
		{[]string{"-fsops", "--into", "x"}, []string{"-into does not go with -fsops"}},
		{[]string{"-fsops", "x"}, []string{`"x"`}},
	} {
		cmd := exec.Command(program(t), c.args...)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("%v: it starts", c.args)
		}
		for _, want := range c.says {
			if !strings.Contains(strings.ToLower(string(out)), strings.ToLower(want)) || strings.Contains(string(out), "panic") {
				t.Errorf("%v says\n%swithout %q", c.args, out, want)
			}
		}
	}
}
