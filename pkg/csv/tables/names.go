package tables

// Units lists the names that [Options.Units] may have.
func Units() []string { return []string{KW, W} }

// ColumnNames lists the names that are known of columns; OBIS codes are names too.
func ColumnNames() []string {
	c := newCatalogue(&Options{Units: KW})
	c.dictionary()
	return c.names()
}
