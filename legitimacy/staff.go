package legitimacy

import (
	"fmt"

	"asugate/register"
	"asugate/schema"
)

// staffRows: the list can be the register. schema.Parse has looked at each row by itself; here it
// is whether any person is meant by two rows at once.
func staffRows(c *Case) []schema.Finding { return register.StaffFindings(c.Document.StaffList()) }

// staffVersion: a list is newer than the one in force. One that loses more than a fifth of its
// entries is taken, but held for the operator: the finding is a warning.
func staffVersion(c *Case) []schema.Finding {
	l := c.Document.StaffList()
	if c.Staff == nil {
		return nil
	}
	if l.Version <= c.Staff.Version {
		return one("W16", schema.ReasonVersionNotNewer, "/StaffList/@Version",
			fmt.Sprintf("> %d", c.Staff.Version), fmt.Sprint(l.Version))
	}
	if register.Shrinks(l, c.Staff) {
		return one("W16", schema.ReasonHeld, "/StaffList", fmt.Sprint(len(c.Staff.Entries)), fmt.Sprint(len(l.Entries)))
	}
	return nil
}
