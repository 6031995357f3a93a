#!/usr/bin/env bash
# Replays a session in tmux, from the first run to a cited answer, an import, a search, a review and
# an export, at a speed at which one can watch:
#
#     docs/replay.sh target/release/recount           # watch it: it attaches to the session
#     docs/replay.sh target/release/recount --print   # print each screen instead
#
# Wants tmux. Everything happens in a folder of its own, which is gone afterwards.
set -euo pipefail
binary=$(realpath "${1:?the program, as in target/release/recount}")
mode=${2:-}
samples=$(cd "$(dirname "$0")/../tests/fixtures" && pwd)
home=$(mktemp -d)
tmux=(tmux -L "recount-replay-$$")
trap '"${tmux[@]}" kill-server 2>/dev/null || true; rm -rf "$home"' EXIT

shows() { # waits until the screen shows a text
    for _ in $(seq 300); do
        if "${tmux[@]}" capture-pane -p | grep -qF -- "$1"; then return 0; fi
        sleep 0.1
    done
    "${tmux[@]}" capture-pane -p
    echo "the screen never showed: $1" >&2
    return 1
}
gone() { # waits until the screen does not show a text any more
    for _ in $(seq 300); do
        if ! "${tmux[@]}" capture-pane -p | grep -qF -- "$1"; then return 0; fi
        sleep 0.1
    done
    echo "the screen still shows: $1" >&2
    return 1
}
keys() { "${tmux[@]}" send-keys "$@"; }
types() {
    local text=$1 i
    for ((i = 0; i < ${#text}; i++)); do
        keys -l -- "${text:i:1}"
        sleep 0.03
    done
}
scene() { # a pause to read, or the screen as text
    if [[ $mode == --print ]]; then
        echo "── $1"
        "${tmux[@]}" capture-pane -p
    else
        sleep 3
    fi
}

"${tmux[@]}" new-session -d -x 100 -y 30 -c "$home" \
    "env HOME='$home' XDG_DATA_HOME='$home' XDG_CONFIG_HOME='$home' XDG_CACHE_HOME='$home/cache' '$binary' --db '$home/memory.db'"
"${tmux[@]}" set -g status off
play() {
    shows "Three things to try"
    scene "first run"
    types "Bruno planted eleven tomato seedlings in the allotment last Saturday."
    keys Enter
    shows "remembered"
    types "How many seedlings did Bruno plant?"
    keys Enter
    shows "[1]"
    shows "%"
    scene "a cited answer"
    keys M-1
    shows "Enter in session"
    gone "reading …"
    scene "its source"
    keys Escape
    gone "Enter in session"
    types "/import $samples/garden.md"
    keys Enter
    shows "Preview, nothing imported yet"
    scene "an import, looked at first"
    keys Enter
    shows "✓ Imported"
    scene "imported"
    keys C-r
    shows "Type to search"
    types "clock"
    shows "by words and meaning"
    scene "a search, and why it was found"
    keys Enter
    shows "▶"
    scene "the hit in its session"
    keys C-s
    shows "2 sessions"
    keys Tab
    shows "r rename"
    scene "the sessions"
    keys Escape
    gone "r rename"
    keys C-p
    shows "What would you like to do?"
    scene "the palette"
    keys Escape
    gone "What would you like to do?"
    keys C-n
    shows "New session"
    types "/status"
    keys Enter
    shows "ok (quick check)"
    scene "what memory holds"
    keys Escape
    shows "New session"
    types "/export everything.md"
    keys Enter
    shows "written to"
    scene "an export"
    types "/quit"
    keys Enter
}

if [[ $mode == --print ]]; then
    play
else
    play &
    "${tmux[@]}" attach
    wait
fi
