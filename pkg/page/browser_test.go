package page

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

	"p1/pkg/chart/charttest"
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
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, look := range []struct {
			name          string
			width, height int64
			scheme        string
		}{
			{"phone-light", 360, 740, "light"}, {"phone-dark", 360, 740, "dark"},
			{"desktop-light", 1280, 900, "light"}, {"desktop-dark", 1280, 900, "dark"},
		} {
			if name != "noisy" && name != "hostile" && strings.HasSuffix(look.name, "dark") {
				continue // the same style sheet
			}
			call(t, ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
				Width: look.width, Height: look.height, DeviceScaleFactor: 1, Mobile: look.width < 640,
			})
			call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}},
			})
			run(t, ctx, chromedp.Navigate("file://"+path))
			overflow := run(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
			ground := run(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.documentElement).backgroundColor`))
			mutex.Lock()
			if len(complaints) > 0 {
				t.Errorf("%s, %s: %q", name, look.name, complaints)
			}
			complaints = nil
			mutex.Unlock()
			if overflow != 0 {
				t.Errorf("%s, %s: %d pixels do not fit", name, look.name, overflow)
			}
			if dark := ground != "rgb(255, 255, 255)"; dark != (look.scheme == "dark") {
				t.Errorf("%s, %s: the ground is %s", name, look.name, ground)
			}
			keep(t, ctx, name+"-"+look.name+".png")
		}
	}
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
