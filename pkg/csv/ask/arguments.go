package ask

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// named answers a question to a tool that has an argument which the tool does not know: with
// those that it does.
func named[Q any](tool string) mcp.Middleware {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Q]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !f.Anonymous && name != "" {
			names = append(names, name)
		}
	}
	what := "none"
	if len(names) > 0 {
		what = strings.Join(names, ", ")
	}
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
			call, ok := r.(*mcp.CallToolRequest)
			if !ok || call.Params == nil || call.Params.Name != tool || !unknown(call.Params.Arguments, names) {
				return next(ctx, method, r)
			}
			text := fmt.Sprintf("an argument has a name that is not known here; those of %s: %s", tool, what)
			return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil
		}
	}
}

// unknown reports whether an object has a key that is none of the names.
func unknown(object json.RawMessage, names []string) bool {
	var given map[string]json.RawMessage
	if json.Unmarshal(object, &given) != nil {
		return false // which is said by who reads it
	}
	for name := range given {
		if !slices.Contains(names, name) {
			return true
		}
	}
	return false
}
