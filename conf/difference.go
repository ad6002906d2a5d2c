package conf

import "reflect"

// Difference is the path of the first field in which two configurations differ, empty when they are alike.
func (c *Config) Difference(other *Config) string {
	return difference(reflect.ValueOf(*c), reflect.ValueOf(*other), "")
}

func difference(a, b reflect.Value, path string) string {
	if a.Kind() != reflect.Struct || a.Type() == timeType {
		if reflect.DeepEqual(a.Interface(), b.Interface()) {
			return ""
		}
		return path
	}
	for i := range a.NumField() {
		name := a.Type().Field(i).Tag.Get("yaml")
		if name == "" {
			continue // where the value stood in its file
		}
		if d := difference(a.Field(i), b.Field(i), join(path, name)); d != "" {
			return d
		}
	}
	return ""
}
