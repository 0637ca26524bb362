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
	// LookUp shows how a path is looked up, layer by layer, as if it was typed
	// into a program. An empty one is that which is selected.
	LookUp struct{ Path string }
	// TypeLookup is the text of the path to be looked up after a change.
	TypeLookup struct{ Text string }
	// StepLookup goes By steps on, or back.
	StepLookup struct{ By int }
	// GoToLookup goes to one step, from 0.
	GoToLookup struct{ Step int }
	// PlayLookup plays on by itself, from the start when it is at its end, or
	// holds.
	PlayLookup struct{}
	// CloseLookup puts it away.
	CloseLookup struct{}
)

// The upper directory of a container.
type (
	// ShowUpper shows the upper directory of a container as it is stored and as
	// it would be shipped; "" is the one that is selected, or the newest.
	ShowUpper struct{ Container string }
	// CloseUpper puts it away.
	CloseUpper struct{}
	// SelectUpper chooses a row by its index on a side: "kernel" or "tar".
	SelectUpper struct {
		Side string
		Row  int
	}
	// MoveInUpper is a key of one side: "up", "down", "home", "end", "pageup" or
	// "pagedown".
	MoveInUpper struct{ Side, Key string }
	// ToggleLedger shows or hides what happened in a container's layer, one by one.
	ToggleLedger struct{}
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
