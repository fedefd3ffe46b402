package tables

// Tables lists the names that [Options.Table] may have.
func Tables() []string { return tables() }

// Profiles lists the names that [Options.Profile] may have.
func Profiles() []string { return profiles() }

// Formats lists the names that [Options.Format] may have.
func Formats() []string { return formatNames() }

// Units lists the names that [Options.Units] may have.
func Units() []string { return []string{KW, W} }

// ColumnNames lists the names that are known of columns; OBIS codes are names too.
func ColumnNames() []string {
	c := newCatalogue(&Options{Units: KW})
	c.dictionary()
	return c.names()
}
