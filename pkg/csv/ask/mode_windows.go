package ask

// checkMode has nothing to look at: a folder of the user's own is nobody else's.
func checkMode(string) error { return nil }
