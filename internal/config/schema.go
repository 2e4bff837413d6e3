package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/dockvet/dockvet/internal/house"
	"github.com/dockvet/dockvet/lint"
)

// Schema is the JSON Schema of a .dockvet.yaml, made from the same structs and tags that decode one.
func Schema(all []*lint.Rule) map[string]any {
	severity := map[string]any{"$ref": "#/definitions/severity"}
	object := func(options any) map[string]any {
		s := structure(reflect.ValueOf(options).Elem(), nil)
		if properties, ok := s["properties"].(map[string]any); ok {
			properties["severity"] = severity
		}
		return s
	}
	definitions := map[string]any{
		"severity": map[string]any{
			"description": "Whether the rule runs, and the severity of its findings.", "enum": ruleValues(),
		},
		"severity-only": object(new(struct{})),
	}
	properties := map[string]any{}
	for _, r := range all {
		mapping := map[string]any{"$ref": "#/definitions/severity-only"}
		if r.Options != nil {
			mapping = object(r.Options)
		}
		definitions[r.Name] = map[string]any{"description": r.Summary, "anyOf": []any{severity, mapping}}
		for _, name := range append([]string{r.Name}, r.Aliases...) {
			if properties[name] == nil {
				properties[name] = map[string]any{"$ref": "#/definitions/" + r.Name}
			}
		}
	}
	houseName := func(schema string) map[string]any {
		return map[string]any{"^[a-z0-9-]+/[a-z0-9-]+$": map[string]any{"$ref": "#/definitions/" + schema}}
	}
	definitions["severity-or-mapping"] = map[string]any{"anyOf": []any{severity, map[string]any{"$ref": "#/definitions/severity-only"}}}
	definitions["rules"] = map[string]any{
		"type": "object", "properties": properties, "patternProperties": houseName("severity-or-mapping"), "additionalProperties": false,
	}
	pattern := map[string]any{"$ref": "#/definitions/pattern"}
	definitions["pattern"] = house.PatternSchema(pattern)
	known := map[reflect.Type]map[string]any{
		reflect.TypeFor[map[string]RuleFile](): {"$ref": "#/definitions/rules"},
		reflect.TypeFor[house.Pattern]():       pattern,
		reflect.TypeFor[house.Message]():       {"type": "string"},
		reflect.TypeFor[house.Condition]():     {"$ref": "#/definitions/condition"},
		reflect.TypeFor[house.Rules]():         {"$ref": "#/definitions/house-rules"},
	}
	definitions["condition"] = structure(reflect.ValueOf(house.Condition{}), known)
	definitions["house-rule"] = structure(reflect.ValueOf(house.Rule{}), known)
	definitions["house-rules"] = map[string]any{
		"type": "object", "patternProperties": houseName("house-rule"), "additionalProperties": false,
	}
	s := structure(reflect.ValueOf(File{}), known)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "dockvet configuration"
	s["definitions"] = definitions
	return s
}

// OptionsSchema is the JSON Schema of each option of r by its key, with the default.
func OptionsSchema(r *lint.Rule) map[string]any {
	if r.Options != nil {
		if properties, ok := structure(reflect.ValueOf(r.Options).Elem(), nil)["properties"].(map[string]any); ok {
			return properties
		}
	}
	return map[string]any{}
}

// structure is the schema of a struct. The field values are its defaults. Types that known holds have a schema of their
// own.
func structure(v reflect.Value, known map[reflect.Type]map[string]any) map[string]any {
	properties := map[string]any{}
	var required []string
	for f, field := range v.Fields() {
		key := keyOf(f)
		if key == "" {
			continue
		}
		s := schemaOf(f.Type, known)
		if values := enumOf(f); values != nil {
			target := s
			if items, ok := s["items"].(map[string]any); ok {
				target = items
			}
			target["enum"] = values
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			s["description"] = doc
			if ref, ok := s["$ref"]; ok { // draft 7 ignores what is beside $ref
				s = map[string]any{"description": doc, "allOf": []any{map[string]any{"$ref": ref}}}
			}
		}
		if f.Name == "Edition" {
			s["type"] = []string{"string", "number"} // 2026.1 without quotes
		}
		if !field.IsZero() {
			s["default"] = field.Interface()
		}
		if f.Tag.Get("required") != "" {
			required = append(required, key)
			if s["type"] == "array" {
				s["minItems"] = 1
			}
		}
		properties[key] = s
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		slices.Sort(required)
		s["required"] = required
	}
	return s
}

func schemaOf(t reflect.Type, known map[reflect.Type]map[string]any) map[string]any {
	if s := known[t]; s != nil {
		return maps.Clone(s)
	}
	switch t.Kind() { //nolint:exhaustive // the default is for a rule's author, in a test
	case reflect.Pointer:
		return schemaOf(t.Elem(), known)
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), known)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), known)}
	case reflect.Struct:
		return structure(reflect.Zero(t), known)
	default:
		panic(fmt.Sprintf("no JSON Schema for %s", t))
	}
}
