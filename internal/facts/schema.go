package facts

import (
	"reflect"
	"strings"
)

// Schema is the JSON Schema of a Report, made from the types and their tags.
func Schema() map[string]any {
	definitions := map[string]any{}
	s := object(reflect.TypeFor[Report](), definitions)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "what dockvet knows of Dockerfiles"
	s["definitions"] = definitions
	return s
}

func object(t reflect.Type, definitions map[string]any) map[string]any {
	properties := map[string]any{}
	required := []string{}
	for f := range t.Fields() {
		if !f.IsExported() {
			continue
		}
		key := Key(f)
		s := schemaOf(f.Type, definitions)
		if _, ok := s["$ref"]; ok { // draft 7 ignores what is beside $ref
			s = map[string]any{"allOf": []any{s}}
		}
		s["description"] = f.Tag.Get("doc")
		properties[key] = s
		required = append(required, key)
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// Key is the name of a field.
func Key(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

func schemaOf(t reflect.Type, definitions map[string]any) map[string]any {
	switch t.Kind() { //nolint:exhaustive // the types of this package have no others
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{schemaOf(t.Elem(), definitions), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), definitions)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), definitions)}
	case reflect.Struct:
		name := strings.ToLower(t.Name())
		if definitions[name] == nil {
			definitions[name] = true // for one that has itself in it
			definitions[name] = object(t, definitions)
		}
		return map[string]any{"$ref": "#/definitions/" + name}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	default:
		return map[string]any{"type": "string"}
	}
}
