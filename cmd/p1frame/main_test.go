package main

import (
	"testing"

	"p1/pkg/sim/tooltest"
)

func TestMain(m *testing.M) { tooltest.Main(m, "p1frame", main) }

func TestScripts(t *testing.T) {
	tooltest.Scripts(t, tooltest.Tool{Name: "p1frame", Takes: "chunks"}, "../../testdata", "every", "readers", "p1frame")
}

func TestManPage(t *testing.T) { tooltest.ManPage(t, app(), "p1frame.1") }

func TestInputsAreNotOutputs(t *testing.T) { tooltest.Apart(t, app) }

func TestCompletion(t *testing.T) { tooltest.Completed(t, app) }
