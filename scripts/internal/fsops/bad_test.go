package fsops

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// serve is the answers to lines, each as it is and decoded.
func serve(t *testing.T, input string) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := NewServer(NewModel(nil, false)).Serve(strings.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}
	var answers []map[string]any
	for line := range strings.Lines(out.String()) {
		var a map[string]any
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers = append(answers, a)
	}
	return answers
}

// TestBadRequests is what is said of lines that are no operation, and that the
// service goes on.
func TestBadRequests(t *testing.T) {
	for _, c := range []struct{ line, field, says string }{
		{`{`, "", "not JSON"},
		{`hello`, "", "not JSON"},
		{`[1]`, "", "expected an object"},
		{`"mkdir"`, "", "expected an object"},
		{`{"op":"mkdir","path":"/a"} x`, "", "something follows"},
		{`{"op":"mkdir","path":"/a"}{"op":"mkdir"}`, "", "something follows"},
		{`{}`, "op", "missing"},
		{`{"op":1}`, "op", "expected a string, found 1"},
		{`{"op":"frobnicate"}`, "op", `unknown operation "frobnicate"`},
		{`{"op":"mkdir"}`, "path", "missing: mkdir needs it"},
		{`{"op":"mkdir","path":7}`, "path", "expected a string, found 7"},
		{`{"op":"mkdir","path":null}`, "path", "expected a string, found null"},
		{`{"op":"mkdir","pth":"/a"}`, "pth", "unknown: mkdir has path"},
		{`{"op":"mkdir","path":"/a","path":"/b"}`, "path", "given twice"},
		{`{"op":"mkdir","path":"/a","path_base64":"L2E="}`, "path", "given twice"},
		{`{"op":"mkdir","path_base64":"L2E"}`, "path_base64", "base64"},
		{`{"op":"mkdir","path_base64":"AA=="}`, "path_base64", "zero byte"},
		{`{"op":"mkdir","path":"/a\u0000"}`, "path", "zero byte"},
		{`{"op":"mkdir","path":"/\udcff"}`, "path", "surrogate"},
		{"{\"op\":\"mkdir\",\"path\":\"/\xff\"}", "", "not UTF-8"},
		{`{"op":"mkdir","path":"/a","mode":"0999"}`, "mode", "octal"},
		{`{"op":"mkdir","path":"/a","mode":-1}`, "mode", "octal"},
		{`{"op":"mkdir","path":"/a","mode":true}`, "mode", "octal"},
		{`{"op":"mkdir","path":"/a","uid":-1}`, "uid", "from 0 to"},
		{`{"op":"mkdir","path":"/a","uid":4294967295}`, "uid", "from 0 to"},
		{`{"op":"mkdir","path":"/a","uid":"0"}`, "uid", "expected a number"},
		{`{"op":"mkdir","path":"/a","groups":5}`, "groups", "array"},
		{`{"op":"mkdir","path":"/a","groups":["x"]}`, "groups", "number"},
		{`{"op":"open","path":"/a","flags":"O_SOMETIMES"}`, "flags", `unknown name "O_SOMETIMES"`},
		{`{"op":"open","path":"/a","flags":1.5}`, "flags", "whole number"},
		{`{"op":"open","path":"/a","flags":{}}`, "flags", "number"},
		{`{"op":"open","path":"/a","flags":[["O_RDWR"]]}`, "flags", "array"},
		{`{"op":"read","fd":"3","count":1}`, "fd", "number"},
		{`{"op":"read","fd":3,"count":-1}`, "count", "from 0"},
		{`{"op":"read","fd":3,"count":1e30}`, "count", "whole number"},
		{`{"op":"pread","fd":3,"count":1,"offset":9223372036854775808}`, "offset", "64 bits"},
		{`{"op":"write","fd":3,"data":"xxxxxxxxxx","repeat":9223372036854775807}`, "repeat", "more than"},
		{`{"op":"utimensat","path":"/a","mtime":"yesterday"}`, "mtime", "UTIME_NOW"},
		{`{"op":"utimensat","path":"/a","mtime":[1]}`, "mtime", "seconds"},
		{`{"op":"utimensat","path":"/a","mtime":{"sec":1,"usec":2}}`, "mtime", "usec"},
		{`{"op":"fstatat","path":"/a","dirfd":"AT_HOME"}`, "dirfd", "AT_FDCWD"},
		{`{"op":"lseek","fd":3,"offset":0,"whence":"SEEK_BACK"}`, "whence", "SEEK_BACK"},
		{`{"op":"pathconf","path":"/","name":"_PC_MOOD"}`, "name", "_PC_MOOD"},
		{`{"op":"mkdir","path":"/a","events":1}`, "events", "true or false"},
		{`{"op":"getdents","fd":3,"count":0}`, "count", "0"},
		{`{"op":"mknod","path":"/a","mode":4480,"type":"S_IFREG"}`, "type", "another"},
		{strings.Repeat("[", 100000), "", "expected an object"},
		{`{"op":` + strings.Repeat("[", 100000) + `}`, "", "not JSON"},
		{`{"op":"mkdir","path":"` + strings.Repeat("x", MaxLine) + `"}`, "", "bytes, more than"},
	} {
		list := serve(t, "\n"+c.line+"\n"+`{"op":"stat","path":"/","id":[1]}`)
		if len(list) != 2 {
			t.Errorf("%.60s: %d answers", c.line, len(list))
			continue
		}
		a, next := list[0], list[1]
		text, _ := a["error"].(string)
		field, _ := a["field"].(string)
		if a["ok"] != false || a["errno"] != nil || field != c.field || !strings.Contains(text, c.says) || !strings.HasPrefix(text, "line 2: ") || a["line"] != 2.0 {
			t.Errorf("%.60s: %.200v", c.line, a)
		}
		if next["ok"] != true || fmt.Sprint(next["id"]) != "[1]" {
			t.Errorf("after %.60s: %v", c.line, next)
		}
	}
}

// TestBadRequestID is that a bad request is answered under its id.
func TestBadRequestID(t *testing.T) {
	for _, line := range []string{`{"id":"x","op":"none"}`, `{"id":"x","op":"mkdir","path":"/a","path":"/b"}`, `{"op":"stat","id":"x","nonsense":1}`} {
		if a := serve(t, line)[0]; a["id"] != "x" || a["ok"] != false {
			t.Errorf("%s: %v", line, a)
		}
	}
}

// TestHuge is that sizes and offsets that no memory holds are no trouble.
func TestHuge(t *testing.T) {
	list := serve(t, `{"op":"open","path":"/f","flags":"O_RDWR|O_CREAT"}
{"op":"pwrite","fd":3,"data":"x","offset":1099511627776}
{"op":"ftruncate","fd":3,"length":4611686018427387904}
{"op":"read","fd":3,"count":9223372036854775807,"base64":true}
{"op":"pread","fd":3,"count":4,"offset":4611686018427387902}
{"op":"fallocate","fd":3,"offset":0,"length":4611686018427387904}
{"op":"fallocate","fd":3,"mode":3,"offset":0,"length":9223372036854775807}
{"op":"truncate","path":"/f","length":9223372036854775807}
{"op":"dump","data":true}
{"op":"tar"}
{"op":"fstat","fd":3}
`)
	want := []string{"", "", "", "", "", "ENOSPC", "", "", "", "ENOSPC", ""}
	for i, a := range list {
		if errno, _ := a["errno"].(string); errno != want[i] {
			t.Errorf("request %d: %.300v", i+1, a)
		}
	}
	if n := list[3]["n"]; n != float64(MaxTransfer) {
		t.Errorf("a huge read gives %v bytes", n)
	}
	if n := list[4]["n"]; n != 2.0 {
		t.Errorf("a read at the end gives %v bytes", n)
	}
}

// TestNoPanic sends requests with random values in every field of every operation:
// all are answered.
func TestNoPanic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := []string{
		`0`, `-1`, `3`, `4`, `9223372036854775807`, `-9223372036854775808`, `"/"`, `""`, `"/a"`, `"a/b"`, `"O_RDWR|O_CREAT"`, `true`, `[1,2]`, `{"sec":1}`, `null`, `"0755"`,
		`511`, `1`, `2`, `"AT_EMPTY_PATH"`, `"S_IFIFO"`, `"user.x"`, `"SEEK_END"`, `65536`, `"AT_FDCWD"`, `".."`, `"/a/"`,
	}
	var b strings.Builder
	n := 0
	for range 200 {
		for _, o := range Operations {
			if o.Name == "sleep" {
				continue // the clock would run out
			}
			fmt.Fprintf(&b, `{"op":%q`, o.Name)
			for _, f := range append(o.Fields, common...) {
				if f.Name != "file" && (f.Required || r.IntN(3) == 0) {
					fmt.Fprintf(&b, `,%q:%s`, f.Name, values[r.IntN(len(values))])
				}
			}
			b.WriteString("}\n")
			n++
		}
	}
	list := serve(t, b.String())
	if len(list) != n {
		t.Errorf("%d answers to %d requests", len(list), n)
	}
	for _, a := range list {
		if text, _ := a["error"].(string); strings.Contains(text, faultText) {
			t.Error(text)
		}
	}
}

// FuzzLine is that any line is answered with one line of JSON.
func FuzzLine(f *testing.F) {
	for _, line := range sessionRequests {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.ReplaceAll(line, []byte("\n"), nil)
		if bytes.Contains(line, []byte("file")) {
			return // tar would write it
		}
		if a := NewServer(NewModel(nil, false)).line(line, int64(len(line)), 1); a != nil && (!json.Valid(a) || bytes.Contains(a, []byte(faultText))) {
			t.Errorf("%q", a)
		}
	})
}
