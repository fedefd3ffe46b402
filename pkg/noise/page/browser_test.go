package page

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
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
	for name, text := range pages(t) {
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, text, 0o666); err != nil {
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

// pages returns all kinds of pages.
func pages(t *testing.T) map[string][]byte {
	all := map[string][]byte{"index": writeIndex(t, charttest.Noisy(), true)}
	for name, r := range charttest.Reports() {
		all[name] = write(t, r)
	}
	houses := charttest.Houses()
	for _, name := range longtest.Pick([]string{"holes"}, slices.Collect(maps.Keys(houses)), slices.Collect(maps.Keys(houses))) {
		all["voltage-"+name] = writeVoltage(t, houses[name].Evidence())
	}
	return all
}

// The page about the voltage is printed on two sheets for each meter, however much there is
// to tell. The sheets are kept in the folder that P1_SHOTS names.
func TestVoltageOnPaper(t *testing.T) {
	longtest.Needs(t, "it prints months")
	ctx := browse(t, func(any) {})
	// Of one day in seven, beyond the limits every few hours: many weeks, rows and excursions.
	wild := func(at time.Time, phase int) float64 {
		if at.YearDay()%7 != 0 {
			return -1
		}
		return 230 + 45*math.Sin(float64(at.Unix())/9000+float64(phase)*2)*math.Sin(float64(at.Unix())/200000)
	}
	yes := true
	for _, c := range []struct {
		name   string
		house  charttest.House
		sheets int
	}{
		{"kept", charttest.House{Days: 7, Volts: charttest.Steady, Phases: 1}, 2},
		{"holes", charttest.House{Days: 9, Volts: charttest.Holes, Phases: 3}, 2},
		{"wild", charttest.House{Days: 165, Volts: wild, Phases: 3, Status: record.Unchecked, Name: "somebody's very long name of a meter"}, 2},
		{"two", charttest.House{Days: 60, Volts: wild, Phases: 3, Meters: 2}, 4},
	} {
		path := filepath.Join(t.TempDir(), c.name+".html")
		if err := os.WriteFile(path, writeVoltage(t, c.house.Evidence()), 0o666); err != nil {
			t.Fatal(err)
		}
		run(t, ctx, chromedp.Navigate("file://"+path))
		printed, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(sheetOf.FindAll(printed.Data, -1)); n != c.sheets {
			t.Errorf("%s: %d sheets, want %d", c.name, n, c.sheets)
		}
		if dir := os.Getenv("P1_SHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, c.name+".pdf"), printed.Data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// sheetOf is what a PDF has for each of its pages.
var sheetOf = regexp.MustCompile(`/Type\s*/Page\b`)

// look is how somebody looks at a page.
type look struct {
	name          string
	width, height int64
	scheme        string
	each          bool // at each page
}

func looks() []look {
	return []look{
		{"phone-light", 360, 740, "light", true}, {"phone-dark", 390, 844, "dark", false},
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
