package container

import (
	"bytes"
	"io"
	"time"
)

// maxLog is the number of bytes of output that a container keeps.
const maxLog = 4 << 20

// logger keeps what the first process prints.
type logger struct {
	c    *Container
	now  func() time.Time
	size int
}

type logWriter struct {
	l      *logger
	stream int
	also   io.Writer
	open   bool // the last line has no newline yet
}

func (l *logger) to(stream int, also io.Writer) io.Writer {
	return &logWriter{l: l, stream: stream, also: also}
}

func (w *logWriter) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		w.add(string(line))
	}
	if w.also != nil {
		return w.also.Write(p)
	}
	return len(p), nil
}

func (w *logWriter) add(text string) {
	c := w.l.c
	if w.l.size += len(text); w.l.size > maxLog {
		return
	}
	last := len(c.Log) - 1
	if w.open && last >= 0 && c.Log[last].Stream == w.stream {
		c.Log[last].Text += text
	} else {
		c.Log = append(c.Log, LogLine{At: w.l.now(), Stream: w.stream, Text: text})
	}
	w.open = text[len(text)-1] != '\n'
}

// Logs writes what the first process has printed up to now, the standard error
// to stderr.
func (c *Container) Logs(stdout, stderr io.Writer, now time.Time, format func(LogLine) string) {
	for _, l := range c.Log {
		if l.At.After(now) {
			continue
		}
		to := stdout
		if l.Stream == 2 {
			to = stderr
		}
		io.WriteString(to, format(l))
	}
}
