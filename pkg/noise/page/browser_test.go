package page

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"p1/pkg/noise/chart/charttest"
)

// browse starts Debian's Chromium without a window; listen gets the events of its tab.
func browse(t *testing.T, listen func(event any)) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(stop)
	ctx, wait := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(wait)
	ctx, end := chromedp.NewContext(ctx, chromedp.WithListener(listen))
	t.Cleanup(end)
	return ctx
}

// The page opens without errors or requests, and fits its width, on a phone and a
// desktop, light and dark. Screenshots are kept in the folder that P1_SHOTS names.
func TestInABrowser(t *testing.T) {
	dir := t.TempDir()
	var mutex sync.Mutex
	var complaints []string
	ctx := browse(t, func(ev any) {
		mutex.Lock()
		defer mutex.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, fmt.Sprint("console: ", ev.Type))
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			complaints = append(complaints, ev.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(ev.Request.URL); err != nil || u.Scheme != "file" || filepath.Dir(u.Path) != dir {
				complaints = append(complaints, "asks for "+ev.Request.URL)
			}
		case *page.EventJavascriptDialogOpening:
			complaints = append(complaints, "a script runs")
		}
	})
	call(t, ctx, network.Enable, network.EnableParams{})
	call(t, ctx, log.Enable, cdp.Empty{})
	call(t, ctx, page.Enable, page.EnableParams{})
	for name, r := range charttest.Reports() {
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, write(t, r), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, l := range looks() {
			if name != "noisy" && !l.each {
				continue
			}
			l.open(t, ctx, path)
			mutex.Lock()
			if len(complaints) > 0 {
				t.Errorf("%s, %s: %q", name, l.name, complaints)
			}
			complaints = nil
			mutex.Unlock()
			if overflow := run(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); overflow != 0 {
				t.Errorf("%s, %s: %d pixels do not fit", name, l.name, overflow)
			}
			ground := run(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.documentElement).backgroundColor`))
			if dark := ground != "rgb(255, 255, 255)"; dark != (l.scheme == "dark") {
				t.Errorf("%s, %s: the ground is %s", name, l.name, ground)
			}
			keep(t, ctx, name+"-"+l.name+".png")
		}
	}
}

// look is how somebody looks at a page.
type look struct {
	name          string
	width, height int64
	scheme        string
	each          bool // at each page
}

func looks() []look {
	return []look{
		{"phone-light", 360, 740, "light", true}, {"phone-dark", 360, 740, "dark", false},
		{"desktop-light", 1280, 900, "light", false}, {"desktop-dark", 1280, 900, "dark", true},
	}
}

// open opens a page so.
func (l look) open(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	call(t, ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: l.width, Height: l.height, DeviceScaleFactor: 1, Mobile: l.width < 640,
	})
	call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}},
	})
	run(t, ctx, chromedp.Navigate("file://"+path))
}

// keep takes a screenshot of the whole page, if somebody wants to look at it.
func keep(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("P1_SHOTS")
	if dir == "" {
		return
	}
	png := run(t, ctx, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o666); err != nil {
		t.Fatal(err)
	}
}

func run[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func call[P, R any](t *testing.T, ctx context.Context, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		t.Fatal(err)
	}
}
