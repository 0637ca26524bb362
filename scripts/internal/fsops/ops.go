package fsops

import (
	"slices"
	"strings"
)

// An Operation is one thing that a request can ask for.
type Operation struct {
	Name   string
	Group  string // the heading under which it is documented
	Fields []Field
	Answer string // what a good answer holds, in words; "" for nothing but ok
	Notes  string // what its manual page does not say

	run    func(c *call) error
	traced bool // it is one of the file system, whose events are kept
}

// The groups of operations, in the order of the documentation.
const (
	groupFiles   = "Files and descriptors"
	groupAttrs   = "Attributes"
	groupNames   = "Names and directories"
	groupXattrs  = "Extended attributes"
	groupProcess = "Users and the working directory"
	groupSystem  = "The file system as a whole"
	groupService = "Around the tests"
)

var byName = map[string]*Operation{}

// Operations is all operations, in the order of the documentation.
var Operations []Operation

func init() {
	for _, g := range []struct {
		name string
		ops  []Operation
	}{
		{groupFiles, fileOps}, {groupAttrs, attrOps}, {groupNames, nameOps}, {groupXattrs, xattrOps},
		{groupProcess, processOps}, {groupSystem, systemOps}, {groupService, serviceOps},
	} {
		for _, o := range g.ops {
			o.Group = g.name
			o.traced = g.name != groupService && g.name != groupProcess || o.Name == "chdir"
			Operations = append(Operations, o)
		}
	}
	for i := range Operations {
		byName[Operations[i].Name] = &Operations[i]
	}
}

// operation is the operation of that name, or nil.
func operation(name string) *Operation { return byName[name] }

// fieldNames is the names of the fields that a request may have, for an error.
func (o *Operation) fieldNames() string {
	var own, all []string
	for _, f := range o.Fields {
		own = append(own, f.Name)
		if f.kind.bytes {
			own = append(own, f.Name+"_base64")
		}
	}
	for _, f := range common {
		if !slices.Contains(own, f.Name) {
			all = append(all, f.Name)
		}
	}
	list := strings.Join(append([]string{"op", "id"}, all...), ", ")
	if len(own) == 0 {
		return "no fields but " + list
	}
	return strings.Join(own, ", ") + " beside " + list
}

// The fields that many operations share.
var (
	fPath   = need("path", kPath)
	fTo     = need("to", kPath)
	fFD     = need("fd", kFD)
	fDirFD  = may("dirfd", kDirFD, "AT_FDCWD")
	fToDir  = may("todirfd", kDirFD, "AT_FDCWD")
	fAt     = may("flags", kAt, "0")
	fLength = need("length", kInt)
	fAtime  = may("atime", kTime, "see below")
	fMtime  = may("mtime", kTime, "see below")
)
