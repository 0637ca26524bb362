package action

// The files of the image or container that is shown. Paths are absolute in it.
type (
	// ShowFiles chooses what the tree shows: "merged", "layer" or "container".
	ShowFiles struct{ Mode string }
	// SelectPath chooses one path; its way through the layers is shown.
	SelectPath struct{ Path string }
	// ShowPath goes from elsewhere on the page to one path of an image, wherever
	// it is in the tree and whether or not it was deleted.
	ShowPath struct{ Image, Path string }
	// TogglePath opens or closes a directory, and chooses it.
	TogglePath struct{ Path string }
	// FilterFiles shows only paths that contain the text, or that it matches if
	// it has *, ? or [.
	FilterFiles struct{ Text string }
	// ToggleDeleted shows or hides, in the merged view, what lower layers have
	// and higher ones deleted.
	ToggleDeleted struct{}
	// SortFiles orders the tree by "name" or "size".
	SortFiles struct{ By string }
	// ScrollFiles is the first row in sight and how many fit.
	ScrollFiles struct{ First, Fit int }
	// MoveInFiles is a key of the tree: "up", "down", "left", "right", "home",
	// "end", "pageup", "pagedown", "enter", or what was typed to go to a name,
	// after "to:".
	MoveInFiles struct{ Key string }
	// ShowContents shows the bytes of the selected path as one layer has them.
	// Layers are numbered from 0, the lowest.
	ShowContents struct{ Layer int }
	// CloseContents puts them away.
	CloseContents struct{}
	// ContentsAs chooses between "text" and "hex".
	ContentsAs struct{ Form string }
	// MoveContents goes By parts on in the bytes that are shown, or back.
	MoveContents struct{ By int }
	// DownloadVersion saves the selected path as one layer has it.
	DownloadVersion struct{ Layer int }
	// PlayLookup plays how the path is looked up, layer by layer, or puts that
	// away again.
	PlayLookup struct{}
)

// Images and their archives.
type (
	// PickImage asks for an archive from the person's disk.
	PickImage struct{}
	// CancelOpening stops reading an archive, or puts it away.
	CancelOpening struct{ ID int }
	// ChooseImage chooses the image that the view of images tells of.
	ChooseImage struct{ ID string }
	// ShowImageTab chooses what is said of an image: "waste", "history",
	// "inspect" or "containers".
	ShowImageTab struct{ Name string }
	// CopyInspect puts what `docker image inspect` says on the clipboard.
	CopyInspect struct{}
)
