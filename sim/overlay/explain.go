package overlay

// Explain is the way that stat(2) takes to a path, or lstat(2) if follow is not
// set: for every component a [Lookup] with the answers of the layers that were
// asked, topmost first, and a [Followed] for every symbolic link that was
// followed, in the order of the walk (path_resolution(7)). The error is what the
// call fails with: ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG or EACCES; the events are
// then those up to the failure.
func (v *View) Explain(p string, follow bool) ([]Event, error) {
	v.m.begin()
	defer v.m.end()
	var way []Event
	w := v.walker()
	w.seen = func(e Event) { way = append(way, e) }
	_, err := w.resolve(v.m.root(), p, follow)
	return way, fail("stat", p, err)
}
