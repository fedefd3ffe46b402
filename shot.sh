# shot.sh page.html out.png width height dark
D=$(mktemp -d)
/usr/bin/chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --user-data-dir=$D --hide-scrollbars --blink-settings=preferredColorScheme=${5:-1} --window-size=$3,$4 --screenshot=$2 file://$1 >/dev/null 2>&1
rm -rf $D
