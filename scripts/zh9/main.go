package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

type tb struct{ cl []func() }

func (t *tb) Helper()                      {}
func (t *tb) Fatalf(f string, a ...any)    { fmt.Printf("FATAL "+f+"\n", a...); t.end(); os.Exit(1) }
func (t *tb) Errorf(f string, a ...any)    { fmt.Printf("ERROR "+f+"\n", a...) }
func (t *tb) Logf(f string, a ...any)      { fmt.Printf(f+"\n", a...) }
func (t *tb) Cleanup(f func())             { t.cl = append(t.cl, f) }
func (t *tb) Name() string                 { return "h9" }
func (t *tb) Failed() bool                 { return false }
func (t *tb) end() {
	for i := len(t.cl) - 1; i >= 0; i-- {
		t.cl[i]()
	}
	t.cl = nil
}

func main() {
	root, err := repo.Root()
	if err != nil {
		panic(err)
	}
	s, err := site.Build(context.Background(), root, site.Options{Log: func(string) {}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	b, err := chrome.Launch(nil)
	if err != nil {
		panic(err)
	}
	defer b.Close()
	t := &tb{}
	defer t.end()
	var p *chrome.Page
	sc := bufio.NewScanner(os.Stdin)
	for sc.Scan() {
		l := sc.Text()
		if l == "" || l[0] == '#' {
			continue
		}
		f := strings.Split(l, "|")
		switch f[0] {
		case "open":
			o := chrome.Options{Browser: b, Width: 1440, Height: 900}
			fmt.Sscan(f[1], &o.Width)
			fmt.Sscan(f[2], &o.Height)
			o.Dark = len(f) > 3 && f[3] == "dark"
			p = chrome.OpenWith(t, srv.URL+"/", o)
		case "drop":
			p.DropFile(f[1:]...)
		case "click":
			p.Find(f[1], f[2]).Click()
		case "fill":
			p.Find(f[1], f[2]).Fill(f[3])
		case "press":
			p.Press(f[1:]...)
		case "focus":
			p.Find(f[1], f[2]).Focus()
		case "text":
			fmt.Println("TEXT", p.Text(f[1], f[2], f[3:]...))
		case "size":
			var w, h int
			fmt.Sscan(f[1], &w)
			fmt.Sscan(f[2], &h)
			p.Resize(w, h)
		case "names":
			fmt.Println(strings.Join(p.Names(f[1]), "\n"))
		case "outline":
			fmt.Println(p.Outline())
		case "eval":
			fmt.Println("EVAL", chrome.Eval[any](p, f[1]))
		case "sleep":
			var ms int
			fmt.Sscan(f[1], &ms)
			time.Sleep(time.Duration(ms) * time.Millisecond)
		case "wheel":
			var dy float64
			fmt.Sscan(f[3], &dy)
			p.Find(f[1], f[2]).Wheel(dy)
		case "shot":
			from := p.Screenshot("h9-" + f[1])
			if x, err := os.ReadFile(from); err == nil {
				os.WriteFile("/tmp/h9/"+f[1]+".png", x, 0o644)
			}
		case "problems":
			fmt.Println("PROBLEMS", p.Problems())
		}
	}
}
