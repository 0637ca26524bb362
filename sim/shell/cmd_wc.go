package shell

import (
	"context"
	"io"
	"os"
	"strconv"
	"strings"
)

func cmdTee(ctx context.Context, p *Process) int {
	o, ok := p.getopt("ai", "append=a")
	if !ok {
		return 1
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if o.has("a") {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	to := []io.Writer{p.Stdout}
	status := 0
	for _, name := range o.args {
		d, err := p.open(ctx, name, flags, 0o666)
		if err != nil {
			status = p.say("%s: %s", name, why(err))
			continue
		}
		defer d.release()
		to = append(to, d)
	}
	if _, err := io.Copy(io.MultiWriter(to...), p.in(ctx)); err != nil {
		status = p.say("%s", why(err))
	}
	return status
}

func cmdWc(ctx context.Context, p *Process) int {
	o, ok := p.getopt("lwcmL", "lines=l", "words=w", "bytes=c", "chars=m", "max-line-length=L")
	if !ok {
		return 1
	}
	show := "lwc"
	if len(o.given) > 0 {
		show = ""
		for _, c := range "lwmcL" {
			if o.has(string(c)) {
				show += string(c)
			}
		}
	}
	var rows [][]int64
	var names []string
	total := make([]int64, 5)
	status := p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		if d, ok := r.(*reader); ok && show == "c" && d.d.file != nil && name != "-" { // as fstat(2) says
			if st, err := d.d.file.Stat(); err == nil && st.IsRegular() {
				rows, names = append(rows, []int64{0, 0, st.Size, 0, 0}), append(names, name)
				total[2] += st.Size
				return nil
			}
		}
		n, err := count(r)
		rows = append(rows, n)
		names = append(names, name)
		for i := range 4 {
			total[i] += n[i]
		}
		total[4] = max(total[4], n[4])
		return err
	})
	if len(o.args) > 1 {
		rows = append(rows, total)
		names = append(names, "total")
	}
	width := 1
	if p.busybox {
		width = 9
		if len(show) == 1 && len(o.args) < 2 {
			width = 1
		}
	} else {
		for _, n := range rows {
			for i, c := range "lwcmL" {
				if strings.ContainsRune(show, c) || len(show) > 1 && i == 2 {
					width = max(width, len(strconv.FormatInt(n[i], 10)))
				}
			}
		}
		if len(show) == 1 && len(rows) == 1 {
			width = 1
		} else if len(o.args) == 0 && p.fd(0) != nil && p.fd(0).file == nil {
			width = 7
		}
	}
	for i, n := range rows {
		line := ""
		for _, c := range show {
			if line != "" {
				line += " "
			}
			v := strconv.FormatInt(n[strings.IndexRune("lwcmL", c)], 10)
			line += strings.Repeat(" ", max(0, width-len(v))) + v
		}
		if len(o.args) > 0 {
			line += " " + names[i]
		}
		p.outf("%s\n", line)
	}
	return status
}

// count is lines, words, bytes, characters and the longest line of r.
func count(r io.Reader) ([]int64, error) {
	n := make([]int64, 5)
	buf := make([]byte, 32<<10)
	inWord := false
	var length int64
	for {
		k, err := r.Read(buf)
		n[2] += int64(k)
		for _, c := range buf[:k] {
			n[3]++ // in the C locale of containers each byte is a character
			length++
			space := c == ' ' || c >= '\t' && c <= '\r'
			if !space && !inWord {
				n[1]++
			}
			inWord = !space
			if c == '\n' {
				n[0]++
				n[4] = max(n[4], length-1)
				length = 0
			}
		}
		if err == io.EOF {
			n[4] = max(n[4], length)
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
