package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// checked are the files of a release that have a schema, by a pattern of their names, and the
// file of that.
var checked = []struct{ pattern, schema string }{
	{"*.cdx.json", "cyclonedx-bom-1.6.schema.json"},
	{"winget/*.p1.yaml", "winget-version-1.10.0.json"},
	{"winget/*.p1.locale.en-GB.yaml", "winget-defaultLocale-1.10.0.json"},
	{"winget/*.p1.installer.yaml", "winget-installer-1.10.0.json"},
	{"scoop/p1.json", "scoop.schema.json"},
	{"homeassistant/p1/config.yaml", "home-assistant-app-config.schema.json"},
}

// beside are the schemas that others refer to, by the address that they have there.
var beside = map[string]string{
	"http://cyclonedx.org/schema/spdx.schema.json":     "spdx.schema.json",
	"http://cyclonedx.org/schema/jsf-0.82.schema.json": "jsf-0.82.schema.json",
}

// check compares the files of a release with their schemas, which lie in another folder.
func check(folder, schemas string) error {
	c, err := compiler(schemas)
	if err != nil {
		return err
	}
	var wrong []error
	for _, k := range checked {
		schema, err := c.Compile(filepath.Join(schemas, k.schema))
		if err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(k.pattern)))
		if err != nil || len(files) == 0 {
			return errors.Join(err, fmt.Errorf("%s: no %s is there", folder, k.pattern))
		}
		for _, file := range files {
			value, err := readValue(file)
			if err == nil {
				err = schema.Validate(value)
			}
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", file, err))
			}
		}
		fmt.Printf("%d %s: as %s wants\n", len(files), k.pattern, k.schema)
	}
	return errors.Join(wrong...)
}

// compiler knows the schemas that others refer to.
func compiler(schemas string) (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	for address, name := range beside {
		value, err := readValue(filepath.Join(schemas, name))
		if err != nil {
			return nil, err
		}
		if err := c.AddResource(address, value); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// readValue reads JSON or YAML as a schema sees it.
func readValue(file string) (any, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(file, ".yaml") {
		return jsonschema.UnmarshalJSON(bytes.NewReader(content))
	}
	var value any
	err = yaml.Unmarshal(content, &value)
	return value, err
}
