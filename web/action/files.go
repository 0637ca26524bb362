package action

// The files of the image or container that is shown. Paths are absolute in it.
type (
	// ShowFiles chooses what the tree shows: "merged", "layer" or "container".
	ShowFiles struct{ Mode string }
	// SelectPath chooses one path; its way through the layers is shown.
	SelectPath struct{ Path string }
	// TogglePath opens or closes a directory.
	TogglePath struct {
		Path string
		Open bool
	}
	// FilterFiles shows only paths that contain the text.
	FilterFiles struct{ Text string }
	// ScrollFiles is the first row in sight and how many fit.
	ScrollFiles struct{ First, Fit int }
	// MoveInFiles is a key of the tree: "up", "down", "left", "right", "home",
	// "end", "pageup", "pagedown", "enter".
	MoveInFiles struct{ Key string }
	// ShowContents shows the bytes of the selected path as one layer has them.
	// Layers are numbered from 0, the lowest.
	ShowContents struct{ Layer int }
	// CloseContents puts them away.
	CloseContents struct{}
	// ContentsAs chooses between "text" and "hex".
	ContentsAs struct{ Form string }
	// DownloadVersion saves the selected path as one layer has it.
	DownloadVersion struct{ Layer int }
	// PlayLookup shows the next step of how the path is looked up, layer by layer.
	PlayLookup struct{}
)

// Images and their archives.
type (
	// PickImage asks for an archive from the person's disk.
	PickImage struct{}
	// CancelOpening stops reading an archive.
	CancelOpening struct{ ID int }
	// ShowImageTab chooses what is said of an image: "inspect", "waste", "history".
	ShowImageTab struct{ Name string }
)
