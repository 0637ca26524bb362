package shell

// A variable is one of the shell's. A list is one of bash's arrays, or "$@".
type variable struct {
	Set, Exported, ReadOnly bool
	Str                     string
	List                    []string
	IsList                  bool
}

// IsSet reports whether it has a value; it may be declared without one.
func (v variable) IsSet() bool { return v.Set }

// Declared reports whether there is anything to keep of it.
func (v variable) Declared() bool { return v.Set || v.Exported || v.ReadOnly }

// String is the value; that of a list is its first.
func (v variable) String() string {
	if v.IsList {
		if len(v.List) == 0 {
			return ""
		}
		return v.List[0]
	}
	return v.Str
}
