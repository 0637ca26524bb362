// Package overlay is a union mount: lower layers and one upper directory, seen
// as a single file tree, as the Linux kernel's overlayfs shows them
// (Documentation/filesystems/overlayfs.rst, default options: redirect_dir,
// index, metacopy and xino off, all layers on one file system).
//
// The field's words, as they are used here:
//
//   - lower: a frozen layer ([github.com/layerlab/layerlab/sim/tree.Tree]) that
//     is never changed. Lowers are numbered from 0, the lowest;
//   - upper: the one directory that takes the writes. Its number is the number
//     of lowers. A mount without an upper is read-only;
//   - merged: what a process sees. A name is looked up from the upper down; the
//     first non-directory wins, directories of one name are merged until one is
//     opaque, and the topmost directory gives the metadata;
//   - copy-up: the first write to a lower object copies it, whole, to the upper,
//     after the directories that lead to it;
//   - whiteout: a character device 0:0 that hides a name of the layers below;
//   - opaque: a directory that hides everything that the layers below have under
//     its name;
//   - EXDEV: what rename(2) answers for a directory that is not the upper's
//     alone: such a directory is never moved, mv(1) copies it instead.
//
// A [Mount] is the file system; a [View] is the system calls of one user on it.
// Nothing is flattened: a lookup costs path components times layers, a listing
// costs the directory that is listed, and opening a mount costs nothing.
//
// A Mount and its Views may be used by several goroutines at once.
package overlay
