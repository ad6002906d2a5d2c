package main

import (
	"os"

	"asugate/conf"
	codetables "asugate/register/codes"
)

// readCodes reads the code tables: the operator's where there are such, else those that are shipped.
func readCodes(c conf.Codes) (*codetables.Tables, error) {
	if c.Tables == "" {
		return codetables.Shipped(), nil
	}
	tables, err := codetables.Read(os.DirFS(c.Tables))
	if err != nil {
		return nil, failure{
			code: exitCould, what: err,
			hint: "docs/codes.md has the form of the tables; take the file out of " + c.Tables + " to have the shipped one",
		}
	}
	return tables, nil
}
