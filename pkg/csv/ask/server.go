package ask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// instructions are told to the model once.
const instructions = "Answers about a household's smart meter, from an archive of its telegrams. Everything is read-only. " +
	"Begin with the tool meters. Numbers are the meter's own digits: copy them, and compute with them exactly. " +
	"For the days that cost most, or the like, ask with by and highest. " +
	"null is not zero: why says the reason. Say what coverage says: what is missing or repaired. " +
	"Names such as meter-0123456789 are pseudonyms."

// Server returns the MCP server whose tools ask.
func (a *Asker) Server() *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "p1csv", Title: "Smart meter", Version: a.o.Version}, &mcp.ServerOptions{Instructions: instructions})
	type none struct{}
	tool(a, s, "meters", "Which meters the archive has, from when to when, and which columns they have. Ask this first.",
		func(ctx context.Context, _ none, p Progress) (*Answer, error) { return a.Meters(ctx, p) })
	tool(a, s, "coverage", "How much of a span is known: telegrams received, missing, repaired, salvaged, doubted; gaps.", a.Coverage)
	tool(a, s, "energy", "Energy bought from and fed into the grid, in all and per tariff, gas, water and heat, for each row and in total; cost and earnings where prices are given.", a.Energy)
	tool(a, s, "power", "Power and currents: mean, least and greatest value for each row.", a.Power)
	tool(a, s, "voltage", "Voltage of each phase: mean, least and greatest value for each row, seconds above 253 V and below 207 V; sags, swells and power failures that the meter counted.", a.Voltage)
	tool(a, s, "peaks", "When the most power was drawn: the highest quarters of an hour, the greatest momentary value, and the month's peaks as the meter states them, with what they cost where a price is given.", a.Peaks)
	tool(a, s, "events", "What happened to the meter and its log: gaps, clock jumps, changes of tariff, power failures, other meters or devices, registers that fell.", a.Events)
	tool(a, s, "noise", "What damages telegrams on the line, of the last day of data or of a span, and when most.", a.Noise)
	tool(a, s, "explain", "What the telegram next to a time said, whether it was damaged, and which bytes were repaired.", a.Explain)
	return s
}

// maxAtOnce are answered at once, so that memory holds what they read; others wait.
const maxAtOnce = 2

// tool adds a tool.
func tool[Q any](a *Asker, s *mcp.Server, name, purpose string, ask func(context.Context, Q, Progress) (*Answer, error)) {
	no := false
	t := &mcp.Tool{Name: name, Description: purpose, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &no, Title: name}}
	s.AddReceivingMiddleware(named[Q](name))
	mcp.AddTool(s, t, func(ctx context.Context, r *mcp.CallToolRequest, q Q) (_ *mcp.CallToolResult, _ any, err error) {
		defer func() { // a fault of one answer must not end the others
			if fault := recover(); fault != nil {
				a.o.Say(fmt.Errorf("the tool %s: %v\n%s", name, fault, debug.Stack()))
				err = errors.New("a fault of p1csv: the person at the computer sees it on the server's standard error; other questions are answered")
			}
		}()
		select {
		case a.turns <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, a.public(ctx.Err())
		}
		defer func() { <-a.turns }()
		answer, err := ask(ctx, q, progressOf(ctx, r))
		if err != nil {
			return nil, nil, a.public(err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}, StructuredContent: json.RawMessage(text)}, nil, nil
	})
}

// progressOf tells the client how far the making of indexes has come, if it wants to know.
func progressOf(ctx context.Context, r *mcp.CallToolRequest) Progress {
	token := r.Params.GetProgressToken()
	return func(done, all int) {
		if token == nil || r.Session == nil {
			return
		}
		// A client that has gone will not miss it.
		_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
			ProgressToken: token, Progress: float64(done), Total: float64(all), Message: "reading files of the archive for the first time",
		})
	}
}
