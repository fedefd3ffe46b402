package main

import (
	"testing"

	"p1/pkg/tool/tooltest"
)

func TestMain(m *testing.M) { tooltest.Main(m, "p1cat", main) }

func TestScripts(t *testing.T) {
	tooltest.Scripts(t, tooltest.Tool{Name: "p1cat", Takes: "log"}, "../../testdata", "every", "p1cat")
}

func TestManPage(t *testing.T) { tooltest.ManPage(t, app(), "p1cat.1") }
