package pipetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"p1/pkg/sim"
	"p1/pkg/sim/nonsense"
)

// question is one of an owner, in the owner's words, as the calls that a model makes of it
// after it has read the list of tools, and the figures that must stand in their answers. The
// figures are of the simulator's truth.
type question struct {
	asked   string
	calls   []toolCall
	figures []figure
}

// toolCall is a call of a tool; arguments are written as from=2026-03-01 to=2026-04-01.
type toolCall struct{ tool, args string }

// figure is what must stand at a place in the answer to a call: rows/0/import_kwh, or
// rows/from=2026-03-01T00:00:00+01:00/import_kwh of the row that is named, or rows/# for
// how many there are.
type figure struct {
	call  int
	place string
	want  any // *big.Rat, int, bool or string; or one of the kinds below
}

type (
	unknown string   // null, and why it is has this in it
	holds   string   // a text, or one of a list, has this in it
	nowhere struct{} // the place is not there
	refused string   // the call fails with words that have this in them
	sumOf   struct { // with other places the number comes to so much
		others []string
		is     int
	}
	atMost int
)

func ask(tool, args string) []toolCall { return []toolCall{{tool, args}} }

func then(list []toolCall, tool, args string) []toolCall { return append(list, toolCall{tool, args}) }

func is(place string, want any) figure { return figure{0, place, want} }

func second(place string, want any) figure { return figure{1, place, want} }

// of is a question.
func of(asked string, calls []toolCall, figures ...figure) question {
	return question{asked, calls, figures}
}

// askedServer is a server that answers questions, and its client.
type askedServer struct {
	*mcp.ClientSession
	t *testing.T
}

// serveHouse starts p1csv --mcp on an archive, as a client does.
func serveHouse(t *testing.T, own string, args ...string) *askedServer {
	t.Helper()
	return serveHeard(t, own, &heard{}, args...)
}

// heard keeps every byte that a server has sent.
type heard struct {
	lock sync.Mutex
	all  bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.all.Write(b)
}

// String is all of it, with what JSON escapes of texts as it is.
func (h *heard) String() string {
	h.lock.Lock()
	defer h.lock.Unlock()
	return strings.NewReplacer(`\"`, `"`, `\u003c`, "<", `\u003e`, ">", `\\u003c`, "<", `\\u003e`, ">").Replace(h.all.String())
}

// serveHeard is serveHouse that keeps what is sent. Own is the user's own folder.
func serveHeard(t *testing.T, own string, sent *heard, args ...string) *askedServer {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "p1csv"), append([]string{"--mcp"}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+own, "XDG_CONFIG_HOME="+own, "XDG_CACHE_HOME="+own, "AppData="+own, "LocalAppData="+own)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	session, err := mcp.NewClient(&mcp.Implementation{Name: "owner", Version: "1"}, nil).Connect(t.Context(), &mcp.IOTransport{Reader: io.NopCloser(io.TeeReader(out, sent)), Writer: in}, nil)
	must(t, err)
	return &askedServer{session, t}
}

// arguments reads from=2026-03-01 highest=3.
func arguments(text string) map[string]any {
	args := map[string]any{}
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, "=")
		if n, err := strconv.Atoi(value); err == nil && (name == "highest" || name == "lowest") {
			args[name] = n
			continue
		}
		args[name] = value
	}
	return args
}

// call makes a call, and returns the answer, or why there is none.
func (s *askedServer) call(c toolCall) (answer map[string]any, refusal string) {
	s.t.Helper()
	p := &mcp.CallToolParams{Name: c.tool, Arguments: arguments(c.args)}
	p.SetProgressToken("a token")
	r, err := s.CallTool(s.t.Context(), p)
	if err != nil {
		return nil, err.Error()
	}
	text := r.Content[0].(*mcp.TextContent).Text
	if r.IsError {
		return nil, text
	}
	lines := json.NewDecoder(strings.NewReader(text))
	lines.UseNumber()
	must(s.t, lines.Decode(&answer))
	s.checkForm(c, answer)
	return answer, ""
}

// checkForm looks at what every answer must have: a zone, units, coverage, and no more than
// 200 rows.
func (s *askedServer) checkForm(c toolCall, answer map[string]any) {
	s.t.Helper()
	list, _ := answer["rows"].([]any)
	if answer["zone"] == "" || answer["units"] == nil || list == nil || len(list) > 200 || c.tool != "meters" && answer["coverage"] == nil {
		s.t.Errorf("%s %s: zone %v, units %v, %d rows, coverage %v", c.tool, c.args, answer["zone"], answer["units"], len(list), answer["coverage"])
	}
}

// check asks questions.
func (s *askedServer) check(list []question) (wrong int) {
	s.t.Helper()
	for _, q := range list {
		var answers []map[string]any
		var refusals []string
		for _, c := range q.calls {
			a, refusal := s.call(c)
			answers, refusals = append(answers, a), append(refusals, refusal)
		}
		bad := ""
		for _, f := range q.figures {
			if why := f.check(answers[f.call], refusals[f.call]); why != "" {
				bad += fmt.Sprintf("\n\t%v: %s: %s", q.calls[f.call], f.place, why)
			}
		}
		if bad != "" || len(q.figures) == 0 {
			wrong++
			s.t.Errorf("%q is answered wrong:%s", q.asked, bad)
		}
	}
	return wrong
}

// check compares an answer with what is wanted, and says what is wrong.
func (f figure) check(answer map[string]any, refusal string) string {
	if want, ok := f.want.(refused); ok {
		if answer != nil || !strings.Contains(refusal, string(want)) {
			return fmt.Sprintf("%q, want it refused with %q", refusal, string(want))
		}
		return ""
	}
	if answer == nil {
		return "no answer: " + refusal
	}
	got, row, there := find(answer, f.place)
	switch want := f.want.(type) {
	case nowhere:
		if there {
			return fmt.Sprintf("is %v, want nothing", got)
		}
	case unknown:
		reasons, _ := row["why"].(map[string]any)
		why, _ := reasons[f.place[strings.LastIndex(f.place, "/")+1:]].(string)
		if !there || got != nil || !strings.Contains(why, string(want)) {
			return fmt.Sprintf("is %v (%s), want null, since %s", got, why, string(want))
		}
	case holds:
		if text := fmt.Sprint(got); !strings.Contains(text, string(want)) {
			return fmt.Sprintf("is %s, want %q in it", text, string(want))
		}
	case atMost:
		if n, ok := numeric(got); !ok || n.Cmp(big.NewRat(int64(want), 1)) > 0 {
			return fmt.Sprintf("is %v, want %d at most", got, want)
		}
	case sumOf:
		sum, ok := numeric(got)
		for _, place := range want.others {
			v, _, _ := find(answer, place)
			n, fine := numeric(v)
			if ok = ok && fine; ok {
				sum.Add(sum, n)
			}
		}
		if !ok || sum.Cmp(big.NewRat(int64(want.is), 1)) != 0 {
			return fmt.Sprintf("comes to %v with %v, want %d", sum, want.others, want.is)
		}
	case int:
		return figure{0, f.place, big.NewRat(int64(want), 1)}.check(answer, "")
	case *big.Rat:
		if want == nil {
			return "the truth is not known"
		}
		if n, ok := numeric(got); !ok || n.Cmp(want) != 0 {
			return fmt.Sprintf("is %v, want %s", got, want.FloatString(6))
		}
	default:
		if got != f.want {
			return fmt.Sprintf("is %v, want %v", got, f.want)
		}
	}
	return ""
}

func numeric(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

// find finds a place in an answer, and the object that it is in.
func find(answer map[string]any, place string) (got any, in map[string]any, there bool) {
	var at any = answer
	for word := range strings.SplitSeq(place, "/") {
		switch x := at.(type) {
		case map[string]any:
			in = x
			if at, there = x[word]; !there {
				return nil, in, false
			}
		case []any:
			if word == "#" {
				return json.Number(strconv.Itoa(len(x))), in, true
			}
			if at = pick(x, word); at == nil {
				return nil, in, false
			}
		default:
			return nil, in, false
		}
	}
	return at, in, true
}

// pick is an element of a list, by number, or by what it has: kind=quarter, or of several
// such words with commas between them.
func pick(list []any, word string) any {
	if i, err := strconv.Atoi(word); err == nil {
		if i < len(list) {
			return list[i]
		}
		return nil
	}
	for _, x := range list {
		row, _ := x.(map[string]any)
		all := true
		for pair := range strings.SplitSeq(word, ",") {
			name, value, _ := strings.Cut(pair, "=")
			all = all && fmt.Sprint(row[name]) == value
		}
		if all {
			return x
		}
	}
	return nil
}

// owners are the houses, and who asks about them.
var owners = []struct {
	name string
	ask  func(t *testing.T, own string) (asked, wrong int)
}{
	{"home", func(t *testing.T, own string) (asked, wrong int) {
		h := newHouse(t, "Europe/Amsterdam")
		h.file = "2006-01" // so that there are few files to be read
		h.add(t, "meter=dsmr4&every=15m&telegrams=6141&start=2026-02-01T00:00:00&seed=11", nil)
		score := score{&asked, &wrong}
		score.add(serveHouse(t, own, h.dir), aboutHome(h))
		tariffs := write(t, filepath.Join(t.TempDir(), "tariffs.txt"), []byte("import 0.1312 EUR/kWh\nimport t1 0.1203 EUR/kWh\nimport t2 0.1450 EUR/kWh\nexport 0.0500 EUR/kWh\n"))
		score.add(serveHouse(t, own, "--prices", tariffs, h.dir), aboutTariffs(h))
		p, table := hourly(h, "2026-02-01", "2026-04-06", "2026-02-11T12:00")
		market := write(t, filepath.Join(t.TempDir(), "market.txt"), []byte("import 1.21 x market\nimport 0.1 EUR/kWh\nexport market\nexport -0.02 EUR/kWh\nmarket 1h EUR/MWh\n"+table))
		score.add(serveHouse(t, own, "--prices", market, h.dir), aboutHours(h, p))
		return
	}},
	{"Flanders", func(t *testing.T, own string) (asked, wrong int) {
		h := houseOf(t, "Europe/Brussels", "meter=be&every=15m&telegrams=2401&start=2026-10-10T00:00:00&seed=3&car=7")
		p, table := hourly(h, "2026-10-10", "2026-11-05")
		file := write(t, filepath.Join(t.TempDir(), "prices.txt"), []byte("import 1.06 x market\nimport 0.1534 EUR/kWh\ncapacity 53.65 EUR/kW/year at least 2.5 kW\nmarket 1h EUR/MWh\n"+table))
		score{&asked, &wrong}.add(serveHouse(t, own, "--prices", file, h.dir), aboutFlanders(h, p))
		return
	}},
	{"noise", simple("Europe/Budapest", "meter=hu&telegrams=380&start=2026-03-01T00:58:00&noise=slow-rise&rate=0.0004&seed=4", aboutNoise)},
	{"Sweden", simple("Europe/Stockholm", "meter=se&telegrams=731&noise=flip&seed=5", aboutSweden)},
	{"events", simple("Europe/Amsterdam", "meter=nl&every=1m&telegrams=4061&start=2026-05-11T00:00:00&off=2026-05-12T03:00:00/14400&failure=2026-05-13T10:00:00/1200&seed=6", aboutEvents)},
	{"replaced", func(t *testing.T, own string) (asked, wrong int) {
		h := houseOf(t, "Europe/Amsterdam", "meter=nl&every=5m&telegrams=577&replace=2026-03-02T12:00:00&seed=7")
		s := serveHouse(t, own, h.dir)
		names := append(s.names(t), "none", "none")
		score{&asked, &wrong}.add(s, aboutReplaced(h, names[0], names[1]))
		return
	}},
	{"new gas meter", simple("Europe/Amsterdam", "meter=nl&every=5m&telegrams=577&gas-replace=2026-03-02T12:00:00&seed=8", aboutNewGas)},
	{"devices", simple("Europe/Amsterdam", "meter=nl&every=5m&telegrams=577&mbus=gas%2Bwater%2Bheat%2Bslave&seed=9", func(h *askedHouse) []question {
		return aboutDevices(h, map[string]string{"gas": "0-1:24.2.1", "water": "0-2:24.2.1", "heat": "0-3:24.2.1", "slave": "0-4:24.2.1"})
	})},
	{"gas by hours", simple("Europe/Amsterdam", "meter=dsmr4&every=1m&telegrams=2881&start=2026-01-10T00:00:20&seed=10", aboutGasHours)},
	{"two meters", func(t *testing.T, own string) (asked, wrong int) {
		first := houseOf(t, "Europe/Amsterdam", "meter=nl&every=5m&telegrams=289&start=2026-03-01T00:00:00&seed=12")
		both := &askedHouse{dir: first.dir, zone: first.zone}
		both.add(t, "meter=dsmr4&every=5m&telegrams=287&start=2026-03-01T00:10:00&seed=13", nil)
		s := serveHouse(t, own, first.dir)
		names := append(s.names(t), "none", "none")
		score{&asked, &wrong}.add(s, aboutTwo(first, both, names[0], names[1]))
		return
	}},
	{"nonsense", func(t *testing.T, own string) (asked, wrong int) {
		o, err := sim.ParseOptions("meter=nl&telegrams=1500&seed=14")
		must(t, err)
		h := newHouse(t, "Europe/Amsterdam")
		untrue := h.addNonsense(t, nonsense.Plan{World: o, Seed: 15, Share: 0.01, Kinds: []string{"gas zero"}})
		score{&asked, &wrong}.add(serveHouse(t, own, h.dir), aboutNonsense(h, untrue))
		return
	}},
	{"cuts", simple("Europe/Amsterdam", "meter=nl&telegrams=180&noise=cut&rate=0.1&seed=17", aboutCuts)},
	{"Vilnius", func(t *testing.T, own string) (asked, wrong int) {
		h := houseOf(t, "Europe/Vilnius", "meter=lt&every=5m&telegrams=865&start=2026-03-28T00:00:00&seed=17")
		score{&asked, &wrong}.add(serveHouse(t, own, "--tz", "Europe/Vilnius", h.dir), aboutVilnius(h))
		return
	}},
	{"high voltage", shifted("meter=nl&every=10s&telegrams=1441&start=2026-06-21T11:30:00&seed=18", 150, aboutVoltage)},
	{"low voltage", shifted("meter=nl&every=10s&telegrams=361&start=2026-06-21T20:00:00&seed=19", -275, aboutLow)},
	{"no clock", simple("Europe/Amsterdam", "meter=dsmr3&telegrams=50", func(*askedHouse) []question { return aboutNoClock() })},
}

// score adds up questions.
type score struct{ asked, wrong *int }

func (n score) add(s *askedServer, list []question) {
	s.t.Helper()
	*n.asked += len(list)
	*n.wrong += s.check(list)
}

// simple is a house of one simulated meter.
func simple(zone, query string, about func(h *askedHouse) []question) func(t *testing.T, own string) (asked, wrong int) {
	return func(t *testing.T, own string) (asked, wrong int) {
		h := houseOf(t, zone, query)
		score{&asked, &wrong}.add(serveHouse(t, own, h.dir), about(h))
		return
	}
}

// shifted is a house whose voltages are so many tenths of a volt higher.
func shifted(query string, by int, about func(h *askedHouse) []question) func(t *testing.T, own string) (asked, wrong int) {
	volts := regexp.MustCompile(`\(([0-9]{3})\.([0-9])\*V\)`)
	return func(t *testing.T, own string) (asked, wrong int) {
		h := newHouse(t, "Europe/Amsterdam")
		h.add(t, query, func(text []byte) []byte {
			text = volts.ReplaceAllFunc(text, func(v []byte) []byte {
				n, _ := strconv.Atoi(string(v[1:4]) + string(v[5:6]))
				return fmt.Appendf(nil, "(%03d.%d*V)", (n+by)/10, (n+by)%10)
			})
			text = text[:bytes.LastIndexByte(text, '!')+1]
			return fmt.Appendf(text, "%04X\r\n", sim.ARC(text))
		})
		score{&asked, &wrong}.add(serveHouse(t, own, h.dir), about(h))
		return
	}
}

// leastQuestions are asked at least.
const leastQuestions = 120

// Owners ask about their houses, and every answer has the figure that is the simulator's
// truth.
func TestQuestions(t *testing.T) {
	t.Parallel()
	own := t.TempDir() // the key of the pseudonyms, for all servers
	asked, wrong := 0, 0
	for _, o := range owners {
		t.Run(o.name, func(t *testing.T) {
			a, w := o.ask(t, own)
			asked, wrong = asked+a, wrong+w
		})
	}
	t.Logf("%d questions, %d answered wrong", asked, wrong)
	if asked < leastQuestions {
		t.Errorf("only %d questions are asked", asked)
	}
}
