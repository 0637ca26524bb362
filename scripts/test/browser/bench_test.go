//go:build browser

package browser_test

import (
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// The files of the course that everybody starts with: one image, five containers.
const (
	courseDockerfile = "FROM busybox:1.36\nCOPY . /app\nRUN chmod +x /app/hello.sh\nCMD /app/hello.sh"
	courseScript     = "#!/usr/bin/env bash\necho \"Hello world\"\n"
	courseImage      = "acme/my-final-image:1.0"
)

// openBench opens the page, for somebody who asked for less motion, and waits for
// its first image and container.
func openBench(t *testing.T) *chrome.Page {
	t.Helper()
	page := chrome.OpenWith(t, base+"/", chrome.Options{Reduced: true})
	page.Find("button", "Container web…deleted /app/deps.txt…")
	return page
}

// command types a line in the terminal and waits for what it prints.
func command(page *chrome.Page, line string, prints ...string) {
	page.Find("textbox", "Command").Type(line + "\n")
	page.Find("log", "Terminal output").Says(append([]string{line}, prints...)...)
}

func TestTheFirstScreenIsAlive(t *testing.T) {
	page := openBench(t)
	page.Find("button", "Layer 1 of 6, busybox:1.36…")
	page.Find("button", "Layer 6 of 6, RUN cat app.txt installed.txt > bundle.txt, 12.3 kB…")
	page.Find("button", "Container web on app:2, running…copied up from 5…")
	page.Screenshot("first screen")
}

func TestTheCourseByMouse(t *testing.T) {
	page := openBench(t)
	page.Find("button", "+ File").Click()
	file := page.Find("group", "New file")
	file.Find("textbox", "Name").Fill("hello.sh")
	file.Find("textbox", "Contents").Fill(courseScript)
	file.Find("button", "Save").Click()
	page.Find("button", "Edit hello.sh…")
	page.Find("textbox", "Dockerfile").Fill(courseDockerfile)
	page.Find("textbox", "Name of the image").Fill(courseImage)
	page.Find("button", "Build ▸").Click()
	buildsTheCourse(page)

	// One line changes.
	page.Find("textbox", "Dockerfile").Fill("FROM busybox:1.36\nCOPY . /app\nRUN chmod 755 /app/hello.sh\nCMD /app/hello.sh")
	page.Find("button", "Build ▸").Click()
	rebuildsTheCourse(page)
	page.Find("button", "Build ▸").Click()
	page.Find("list", "What the last build did").Says("COPY . /app: cached", "RUN chmod 755 /app/hello.sh: cached")

	page.Find("button", "Run ▸").Click()
	page.Find("button", "Container…on "+courseImage+", running…")
}

// buildsTheCourse waits for the course's image and what is said of its steps.
func buildsTheCourse(page *chrome.Page) {
	did := page.Find("list", "What the last build did")
	did.Says("COPY . /app", "RUN chmod +x /app/hello.sh")
	page.Find("button", "Layer 3 of 3, RUN chmod +x /app/hello.sh, 12.3 kB…")
	page.Find("button", "Layer 2 of 3, COPY . /app…")
}

// rebuildsTheCourse reads which steps were cached, and why the others were not.
func rebuildsTheCourse(page *chrome.Page) {
	page.Find("button", "Layer 3 of 3, RUN chmod 755 /app/hello.sh…")
	did := page.Find("list", "What the last build did")
	did.Says("COPY . /app: built", "Dockerfile changed", // it is in the context, too
		"RUN chmod 755 /app/hello.sh: built", "the text of the step changed")
}

func TestTheCourseInTheTerminal(t *testing.T) {
	page := openBench(t)
	command(page, "docker run -dit --name my_container_1 app:2 sh >/dev/null && docker run -dit --name my_container_2 app:2 sh >/dev/null")
	page.Find("button", "Container my_container_2 on app:2, running…")
	command(page, "docker exec my_container_1 sh -c 'echo hello >> /app/installed.txt'")
	page.Find("button", "Container my_container_1…changed /app/installed.txt…")
	command(page, "docker diff my_container_1", "C /app/installed.txt")
	command(page, "docker exec my_container_2 cat /app/installed.txt")
	command(page, `docker ps --size --format "table {{.Names}}\t{{.Size}}"`, "my_container_2", "(virtual ")
	command(page, "docker rm -f my_container_1 my_container_2")
	page.Gone("button", "Container my_container_1…")
}

func TestTheCourseByKeyboardAlone(t *testing.T) {
	page := openBench(t)
	page.TabTo("textbox", "Name of the image")
	page.Press("Control+a")
	page.Type(courseImage)
	page.TabTo("button", "Build ▸")
	page.TabTo("textbox", "Dockerfile")
	page.Press("Control+a")
	page.Type(courseDockerfile)
	page.Find("textbox", "Dockerfile").Says("chmod +x")
	page.TabTo("button", "+ File")
	page.Press("Enter")
	page.Until("the name has the focus", func() bool { return page.Focused().Name == "Name" })
	page.Press("Control+a")
	page.Type("hello.sh")
	page.TabTo("textbox", "Contents")
	page.Type(courseScript)
	page.TabTo("button", "Save")
	page.Press("Enter")
	page.Find("button", "Edit hello.sh…")
	page.TabTo("textbox", "Command")
	page.Type("docker build -q -t " + courseImage + " . >/dev/null\n")
	buildsTheCourse(page)
	page.TabTo("textbox", "Command")
	page.Type("docker run -dit --name mine " + courseImage + " sh\n")
	page.Find("button", "Container mine on "+courseImage+", running…")
	page.Type("docker exec mine sh -c 'echo more >> /app/hello.sh'\n")
	page.Find("button", "Container mine…hello.sh · 39 B copied up from…")
}
