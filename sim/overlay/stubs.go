package overlay

import (
	"io/fs"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

type Mount struct{}
type View struct{}
type File struct{}

func New(lowers []*tree.Tree, upper *tree.Tree, o Options) *Mount { panic("soon") }
func (m *Mount) Upper() *tree.Tree                                { panic("soon") }
func (m *Mount) Lowers() []*tree.Tree                             { panic("soon") }
func (m *Mount) As(c Cred) *View                                  { panic("soon") }
func (m *Mount) Root() *View                                      { panic("soon") }
func (m *Mount) Snapshot(o Options) *Mount                        { panic("soon") }
func (m *Mount) FS() fs.FS                                        { panic("soon") }

func (v *View) Mount() *Mount                                        { panic("soon") }
func (v *View) Cred() Cred                                           { panic("soon") }
func (v *View) Stat(p string) (Stat, error)                          { panic("soon") }
func (v *View) Lstat(p string) (Stat, error)                         { panic("soon") }
func (v *View) Open(p string, flags int, perm uint32) (*File, error) { panic("soon") }
func (v *View) ReadFile(p string) ([]byte, error)                    { panic("soon") }
func (v *View) WriteFile(p string, b []byte, perm uint32) error      { panic("soon") }
func (v *View) ReadDir(p string) ([]DirEntry, error)                 { panic("soon") }
func (v *View) Mkdir(p string, perm uint32) error                    { panic("soon") }
func (v *View) MkdirAll(p string, perm uint32) error                 { panic("soon") }
func (v *View) Mknod(p string, mode, major, minor uint32) error      { panic("soon") }
func (v *View) Symlink(target, p string) error                       { panic("soon") }
func (v *View) Link(old, new string) error                           { panic("soon") }
func (v *View) Unlink(p string) error                                { panic("soon") }
func (v *View) Rmdir(p string) error                                 { panic("soon") }
func (v *View) RemoveAll(p string) error                             { panic("soon") }
func (v *View) Rename(old, new string, flags uint) error             { panic("soon") }
func (v *View) Chmod(p string, mode uint32) error                    { panic("soon") }
func (v *View) Chown(p string, uid, gid int) error                   { panic("soon") }
func (v *View) Lchown(p string, uid, gid int) error                  { panic("soon") }
func (v *View) Utimes(p string, mtime tree.Time) error               { panic("soon") }
func (v *View) Lutimes(p string, mtime tree.Time) error              { panic("soon") }
func (v *View) Truncate(p string, size int64) error                  { panic("soon") }
func (v *View) Readlink(p string) (string, error)                    { panic("soon") }
func (v *View) Access(p string, mask uint32) error                   { panic("soon") }
func (v *View) Getxattr(p, name string) (string, error)              { panic("soon") }
func (v *View) Setxattr(p, name, value string) error                 { panic("soon") }
func (v *View) Listxattr(p string) ([]string, error)                 { panic("soon") }
func (v *View) Removexattr(p, name string) error                     { panic("soon") }
func (v *View) Statfs() Statfs                                       { panic("soon") }
func (v *View) Realpath(p string) (string, error)                    { panic("soon") }
func (v *View) SetBody(p string, b content.Body, meta *Meta) error   { panic("soon") }
func (v *View) Body(p string) (content.Body, error)                  { panic("soon") }

func (f *File) Name() string                              { panic("soon") }
func (f *File) Read(p []byte) (int, error)                { panic("soon") }
func (f *File) ReadAt(p []byte, off int64) (int, error)   { panic("soon") }
func (f *File) Write(p []byte) (int, error)               { panic("soon") }
func (f *File) WriteAt(p []byte, off int64) (int, error)  { panic("soon") }
func (f *File) Seek(off int64, whence int) (int64, error) { panic("soon") }
func (f *File) Truncate(size int64) error                 { panic("soon") }
func (f *File) Stat() (Stat, error)                       { panic("soon") }
func (f *File) ReadDir() ([]DirEntry, error)              { panic("soon") }
func (f *File) Close() error                              { panic("soon") }

func (m *Mount) XRay(p string) []Version                             { panic("soon") }
func (m *Mount) Lookup(p string) (n *tree.Inode, layer int, ok bool) { panic("soon") }
func (m *Mount) List(p string) []Listed                              { panic("soon") }
func (m *Mount) Changes() []Change                                   { panic("soon") }
func (m *Mount) Changeset() *tree.Tree                               { panic("soon") }

// Message is the error's words as the C library says them: "No such file or directory".
func Message(err error) string { panic("soon") }
