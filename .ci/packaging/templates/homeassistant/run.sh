#!/bin/sh
# What runs in the app: the pipe from the meter to the archive and port 2001, again where it
# ends, and a page about the wiring, made anew each hour of what the archive has of the last two
# days (UTC), which a web server hands to ingress alone.
set -eu
# Where things are, and how long it waits, is another only for tests.
data=${P1_DATA:-/data}
www=${P1_WWW:-/tmp/p1-www}
settings=${P1_HTTPD:-/etc/p1-httpd.conf}
source=$(jq -er .source "$data/options.json") || { echo "p1: the option source is missing" >&2; exit 1; }
keep=$(jq -er .keep "$data/options.json") || { echo "p1: the option keep is missing" >&2; exit 1; }

# day AGO: the date of so many days before today.
day() { date -u -d "@$(($(date +%s) - $1 * 86400))" +%F; }

# page: makes the page; where it cannot be made, the one before stays.
page() {
	set --
	for file in "$data/archive/p1-$(day 1)"* "$data/archive/p1-$(day 0)"*; do
		[ ! -e "$file" ] || set -- "$@" "$file" # of a day without files the pattern is left
	done
	[ $# -gt 0 ] || return 0
	p1cat "$@" | p1frame | p1fix --quiet | p1noise --html "$www/index.html" -o /dev/null
}

# pages: makes the page as long as this runs: first when there is something to say.
pages() {
	sleep "${P1_FIRST:-300}"
	while :; do
		page || echo "p1: the page could not be made" >&2
		sleep 3600
	done
}

mkdir -p "$data/archive" "$www"
[ -e "$www/index.html" ] || echo '<!DOCTYPE html><title>P1</title><p>The page is made some minutes after the start, and then each hour.' >"$www/index.html"
httpd -f -p "${P1_PAGE:-8099}" -h "$www" -c "$settings" & # ends with this, as all of its group do

# A stage that gets the signal writes what it has; a shell that waits would not hear of it.
stopped=
trap 'stopped=1; trap "" TERM INT; kill -TERM 0' TERM INT
pages &
while :; do
	p1cat --archive "$data/archive" --keep "$keep" -- "$source" | p1frame |
		p1fix --lookahead 0 --state "$data/meters.json" |
		p1cat --serve "tcp://0.0.0.0:${P1_PORT:-2001}" --plain &
	pipe=$!
	wait "$pipe" || :
	if [ "$stopped" ]; then # the signal has cut the wait short
		wait "$pipe" || :
		exit 0
	fi
	echo "p1: the pipe has ended, and is started again" >&2
	sleep "${P1_PAUSE:-5}" &
	wait $! || :
	[ ! "$stopped" ] || exit 0
done
