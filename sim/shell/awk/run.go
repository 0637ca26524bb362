package awk

import (
	"bufio"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// machine is a program at work.
type machine struct {
	prog    *Program
	c       Config
	out     *bufio.Writer
	vars    map[string]value
	arrays  map[string]map[string]value
	frames  []*frame
	record  string
	fields  []string
	split   bool // fields is up to date
	stale   bool // record is not: a field was set
	regexps map[string]*regexp.Regexp
	in      *bufio.Reader
	closer  io.Closer
	args    []string
	opened  bool
	readers map[string]*bufio.Reader
	closers map[string]io.Closer
	writers map[string]io.WriteCloser
	active  []bool // of range patterns
	exit    int
	seed    float64
	cells   int
}

type frame struct {
	vars   map[string]value
	arrays map[string]map[string]value
	params map[string]bool
}

type flow struct {
	kind string // next, nextfile, exit, break, continue, return
	v    value
}

// maxCells is how many array elements a program may hold, maxCalls how deep its
// functions may call each other.
const (
	maxCells = 5_000_000
	maxCalls = 1000
)

// Run runs the program and gives its exit status.
func (prog *Program) Run(c Config) (exit int, err error) {
	m := &machine{
		prog: prog, c: c, out: bufio.NewWriter(c.Stdout), vars: map[string]value{}, arrays: map[string]map[string]value{},
		regexps: map[string]*regexp.Regexp{}, readers: map[string]*bufio.Reader{}, closers: map[string]io.Closer{}, writers: map[string]io.WriteCloser{},
		active: make([]bool, len(prog.rules)), args: slices.Clone(c.Args),
	}
	for name, v := range map[string]string{"FS": " ", "OFS": " ", "ORS": "\n", "RS": "\n", "SUBSEP": "\x1c", "CONVFMT": "%.6g", "OFMT": "%.6g", "FILENAME": ""} {
		m.vars[name] = str(v)
	}
	env := m.array("ENVIRON")
	for _, kv := range c.Environ {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = input(v)
	}
	argv := m.array("ARGV")
	argv["0"] = str("awk")
	for i, a := range c.Args {
		argv[strconv.Itoa(i+1)] = input(a)
	}
	m.vars["ARGC"] = num(float64(len(c.Args) + 1))
	for _, v := range c.Vars {
		m.assignment(v)
	}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			m.out.Flush()
			exit, err = 2, e
		}
	}()
	m.program()
	return m.exit, nil
}

func (m *machine) assignment(kv string) {
	name, v, _ := strings.Cut(kv, "=")
	if strings.Contains(v, `\`) {
		l := lexer{src: `"` + strings.ReplaceAll(v, `"`, `\"`) + `"`, line: 1}
		v = l.str().text
	}
	m.setVar(name, input(v))
}

func (m *machine) program() {
	defer m.closeAll()
	ended := false
	for _, b := range m.prog.begin {
		if f := m.block(b); f != nil && f.kind == "exit" {
			ended = true
			break
		}
	}
	if !ended && (len(m.prog.rules) > 0 || len(m.prog.end) > 0) {
		ended = m.records()
	}
	_ = ended
	for _, b := range m.prog.end {
		if f := m.block(b); f != nil && f.kind == "exit" {
			return
		}
	}
}

// records runs the rules on each record; it reports whether exit ended it.
func (m *machine) records() bool {
	for {
		line, ok := m.readMain()
		if !ok {
			return false
		}
		m.setRecord(line)
		for i, r := range m.prog.rules {
			if !m.selects(i, r) {
				continue
			}
			if r.bare {
				m.out.WriteString(m.text0() + m.getVar("ORS").text("%.6g"))
				continue
			}
			f := m.block(r.action)
			if f == nil {
				continue
			}
			if f.kind == "exit" {
				return true
			}
			if f.kind == "nextfile" {
				m.closeMain()
			}
			break
		}
	}
}

func (m *machine) selects(i int, r rule) bool {
	if r.pattern == nil {
		return true
	}
	if r.to == nil {
		return m.eval(r.pattern).bool()
	}
	if !m.active[i] {
		if !m.eval(r.pattern).bool() {
			return false
		}
		m.active[i] = true
	}
	if m.eval(r.to).bool() {
		m.active[i] = false
	}
	return true
}

func (m *machine) closeMain() {
	if m.closer != nil {
		m.closer.Close()
	}
	m.in, m.closer = nil, nil
}

// readMain is the next record of the input: the files among the arguments, or
// the standard input.
func (m *machine) readMain() (string, bool) {
	for {
		m.c.Turn()
		if m.in == nil && !m.openNext() {
			return "", false
		}
		line, ok := m.readRecord(m.in)
		if ok {
			m.vars["NR"] = num(m.vars["NR"].number() + 1)
			m.vars["FNR"] = num(m.vars["FNR"].number() + 1)
			return line, true
		}
		m.closeMain()
	}
}

func (m *machine) openNext() bool {
	for len(m.args) > 0 {
		a := m.args[0]
		m.args = m.args[1:]
		if name, _, ok := strings.Cut(a, "="); ok && isName(name) {
			m.assignment(a)
			continue
		}
		if a == "" {
			continue
		}
		m.opened = true
		m.vars["FILENAME"], m.vars["FNR"] = str(a), num(0)
		if a == "-" {
			m.in = bufio.NewReader(m.c.Stdin)
			return true
		}
		r, err := m.c.Open(a)
		if err != nil {
			m.out.Flush()
			m.c.Warn(err.Error())
			m.exit = 2
			continue
		}
		m.in, m.closer = bufio.NewReader(r), r
		return true
	}
	if m.opened {
		return false
	}
	m.opened = true
	m.in = bufio.NewReader(m.c.Stdin)
	return true
}

func isName(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != ""
}

// maxRecord is the longest record that is held, in bytes.
const maxRecord = 16 << 20

// readLine reads up to and with sep; what is longer than maxRecord is an error.
func (m *machine) readLine(r *bufio.Reader, sep byte) (string, error) {
	var b strings.Builder
	for {
		part, err := r.ReadSlice(sep)
		b.Write(part)
		if b.Len() > maxRecord {
			panic(&Error{0, "record is too long"})
		}
		if err != bufio.ErrBufferFull {
			return b.String(), err
		}
		m.cost(len(part) >> 3)
	}
}

// readRecord reads up to RS: one character, empty for paragraphs, or an
// expression.
func (m *machine) readRecord(r *bufio.Reader) (string, bool) {
	rs := m.getVar("RS").text("%.6g")
	if len(rs) == 1 {
		line, err := m.readLine(r, rs[0])
		if err != nil && line == "" {
			if err != io.EOF {
				panic(&Error{0, "read error: " + err.Error()})
			}
			return "", false
		}
		return strings.TrimSuffix(line, rs), true
	}
	var b strings.Builder
	if rs == "" {
		for {
			line, err := m.readLine(r, '\n')
			blank := strings.TrimRight(line, "\n") == ""
			if blank && b.Len() > 0 || err != nil && line == "" {
				break
			}
			if !blank {
				b.WriteString(line)
			}
			if err != nil {
				break
			}
		}
		return strings.TrimSuffix(b.String(), "\n"), b.Len() > 0
	}
	rx := m.regexp(rs)
	for b.Len() < maxRecord {
		c, err := r.ReadByte()
		if err != nil {
			return b.String(), b.Len() > 0
		}
		b.WriteByte(c)
		m.cost(b.Len())
		if at := rx.FindStringIndex(b.String()); at != nil && at[1] == b.Len() && at[1] > at[0] {
			return b.String()[:at[0]], true
		}
	}
	return b.String(), true
}

func (m *machine) closeAll() {
	m.out.Flush()
	m.closeMain()
	for _, name := range slices.Sorted(maps.Keys(m.writers)) {
		m.writers[name].Close()
	}
	for _, c := range m.closers {
		c.Close()
	}
}

func (m *machine) regexp(expr string) *regexp.Regexp {
	compile, key := m.c.Regexp, expr
	if m.c.Busybox && m.c.Fold != nil && m.getVar("IGNORECASE").bool() {
		compile, key = m.c.Fold, "\x00"+expr
	}
	if rx, ok := m.regexps[key]; ok {
		return rx
	}
	rx, err := compile(expr)
	if err != nil {
		panic(&Error{0, "regex: " + err.Error()})
	}
	if len(m.regexps) > 500 {
		clear(m.regexps)
	}
	m.regexps[key] = rx
	return rx
}

func (m *machine) array(name string) map[string]value {
	if n := len(m.frames); n > 0 {
		f := m.frames[n-1]
		if f.params[name] {
			if f.arrays[name] == nil {
				f.arrays[name] = map[string]value{}
			}
			return f.arrays[name]
		}
	}
	a := m.arrays[name]
	if a == nil {
		a = map[string]value{}
		m.arrays[name] = a
	}
	return a
}

func (m *machine) getVar(name string) value {
	if n := len(m.frames); n > 0 && m.frames[n-1].params[name] {
		return m.frames[n-1].vars[name]
	}
	if name == "NF" {
		m.splitFields()
		return num(float64(len(m.fields)))
	}
	return m.vars[name]
}

func (m *machine) setVar(name string, v value) {
	if n := len(m.frames); n > 0 && m.frames[n-1].params[name] {
		m.frames[n-1].vars[name] = v
		return
	}
	if name == "NF" {
		m.splitFields()
		n := min(max(0, int(v.number())), maxFields)
		for len(m.fields) < n {
			m.fields = append(m.fields, "")
		}
		m.fields = m.fields[:n]
		m.stale = true
		return
	}
	m.vars[name] = v
}

// maxFields is the highest number of a field.
const maxFields = 1 << 15

// cost counts turns for work on n bytes, so that a few steps on long strings are
// not cheaper than many on short ones.
func (m *machine) cost(n int) {
	for ; n > 0; n -= 1024 {
		m.c.Turn()
	}
}

func (m *machine) setRecord(line string) { m.record, m.split, m.stale = line, false, false }

func (m *machine) text0() string {
	if m.stale {
		m.record = strings.Join(m.fields, m.getVar("OFS").text("%.6g"))
		m.cost(len(m.record) + len(m.fields))
		m.stale = false
	}
	return m.record
}

func (m *machine) splitFields() {
	if m.split {
		return
	}
	m.cost(len(m.record))
	m.fields = m.cut(m.record, m.getVar("FS").text("%.6g"))
	m.split = true
}

// cut splits text at the separator fs, as FS works.
func (m *machine) cut(s, fs string) []string {
	switch {
	case s == "":
		return nil
	case fs == " ":
		return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
	case fs == "":
		return strings.Split(s, "")
	case len(fs) == 1 && fs != "\\":
		if m.vars["RS"].s == "" && m.vars["RS"].kind == isString {
			return strings.FieldsFunc(s, func(r rune) bool { return string(r) == fs || r == '\n' })
		}
		return strings.Split(s, fs)
	}
	return m.regexp(fs).Split(s, -1)
}

func (m *machine) getField(i int) value {
	if i == 0 {
		return input(m.text0())
	}
	m.splitFields()
	if i < 0 {
		panic(&Error{0, "access to negative field"})
	}
	if i > len(m.fields) {
		return value{kind: isInput}
	}
	return input(m.fields[i-1])
}

func (m *machine) setField(i int, v string) {
	if i == 0 {
		m.setRecord(v)
		return
	}
	if i < 0 || i > maxFields {
		panic(&Error{0, "access to field " + strconv.Itoa(i)})
	}
	m.splitFields()
	for len(m.fields) < i {
		m.fields = append(m.fields, "")
	}
	m.fields[i-1] = v
	m.stale = true
}
