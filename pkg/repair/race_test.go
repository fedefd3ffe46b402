//go:build race

package repair_test

// raceDetector says that all is ten times as slow.
const raceDetector = true
