package shell

import (
	"bufio"
	"context"
	"errors"
	"io"
	"syscall"
)

// inputs calls f for each named file, or for the standard input when there is
// none or the name is "-"; a file that does not open is reported and passed.
func (p *Process) inputs(ctx context.Context, names []string, f func(name string, r io.Reader) error) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		r, err := p.readable(ctx, name, true)
		if err != nil {
			status = p.cannotOpen(name, err)
			continue
		}
		if err := f(name, r); err != nil {
			status = p.readError(name, err)
		}
		r.Close()
	}
	return status
}

func (p *Process) readError(name string, err error) int {
	if p.busybox {
		if errors.Is(err, syscall.EISDIR) {
			return p.say("read error: %s", why(err))
		}
		return p.say("%s: %s", name, why(err))
	}
	return p.say("%s: %s", name, why(err))
}

// eachLine calls f with each line without its newline; nl reports that there was
// one. f stops the reading by returning false.
func eachLine(r io.Reader, f func(line []byte, nl bool) bool) error {
	return eachRecord(r, '\n', f)
}

// linesPerTurn is how many lines count as one turn of a loop.
const linesPerTurn = 4

func eachRecord(r io.Reader, sep byte, f func(line []byte, nl bool) bool) error {
	br := bufio.NewReaderSize(r, 32<<10)
	var long []byte
	counted, _ := r.(*reader)
	for n := 1; ; n++ {
		if counted != nil && n%linesPerTurn == 0 {
			counted.p.k.work(1)
		}
		part, err := br.ReadSlice(sep)
		if err == bufio.ErrBufferFull {
			if long = append(long, part...); len(long) > maxLine {
				return errors.New("line too long")
			}
			continue
		}
		if len(long) > 0 {
			part = append(long, part...)
			long = long[:0]
		}
		if len(part) > 0 {
			nl := part[len(part)-1] == sep
			if nl {
				part = part[:len(part)-1]
			}
			if !f(part, nl) {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// hold reads all of r; more than limit bytes end the run.
func (p *Process) hold(r io.Reader, limit int64) ([]byte, error) {
	all, err := io.ReadAll(io.LimitReader(r, limit+1))
	p.k.fits(len(all), limit, "bytes of input held at once")
	return all, err
}

// lines reads all lines of the inputs.
func (p *Process) lines(ctx context.Context, names []string, sep byte) (lines []string, status int) {
	total := 0
	status = p.inputs(ctx, names, func(_ string, r io.Reader) error {
		return eachRecord(r, sep, func(line []byte, _ bool) bool {
			total += len(line) + 16
			p.k.fits(total, maxLines, "bytes of lines held at once")
			lines = append(lines, string(line))
			return true
		})
	})
	return lines, status
}
