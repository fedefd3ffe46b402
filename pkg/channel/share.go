package channel

// Shares returns, for each cause, which share of its hits on a byte make it read as
// another one. It is 0 for Delete and Insert, by which nothing is read for a byte.
func Shares(sent, read byte) (shares [causes]float64) {
	each(sent, func(w reading) {
		if w.read == read {
			shares[w.cause] += w.share
		}
	})
	return shares
}
