# Sourced. Runs steps so that Ctrl-C, a SIGTERM and a failure end everything that was started, and nothing else.

running=    # the process group of the present step
to_undo=()  # commands, run in reverse order at the end

undo_later() { to_undo+=("$(printf '%q ' "$@")"); }

# Prints the process and its descendants, also those that opened a process group of their own.
tree_of() {
    ps -eo pid=,ppid= | awk -v root="$1" '
        { parent[$1] = $2 }
        END {
            for (pid in parent) {
                up = pid
                while (up != root && up in parent) up = parent[up]
                if (up == root) print pid
            }
        }'
}

alive() { [[ -e /proc/$1 ]] && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"; }

# Asks a process to end, with SIGINT or the given signal, and kills what is left of its tree after SECONDS.
end_tree() { # PID SECONDS [SIGNAL]
    local pids pid deadline=$((SECONDS + $2))
    mapfile -t pids < <(tree_of "$1")
    kill "-${3:-INT}" "$1" 2>/dev/null || return 0
    for pid in "${pids[@]}"; do
        while alive "$pid" && ((SECONDS < deadline)); do sleep 0.05; done
        if alive "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
    done
}

# Runs a command in a process group of its own and waits for it; its output stays as it is.
step() {
    set -m
    "$@" </dev/null &
    running=$!
    set +m
    local status=0
    wait "$running" || status=$?
    running=
    return $status
}

at_the_end() {
    local status=$? i
    trap - EXIT
    trap '' INT TERM HUP
    [[ -z $running ]] || end_tree "$running" 15
    for ((i = ${#to_undo[@]} - 1; i >= 0; i--)); do
        eval "${to_undo[i]}" || echo "could not clean up: ${to_undo[i]}" >&2
    done
    exit $status
}

trap at_the_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
